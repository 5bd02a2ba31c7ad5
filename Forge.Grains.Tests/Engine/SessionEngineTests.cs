using CsCheck;

namespace Forge.Grains.Tests.Engine;

public sealed class SessionEngineTests
{
    [Fact]
    public void Engine_AnyCommandsAndOutcomes_AgreesWithTheModel()
    {
        var commits = 0;
        // CsCheck prints the seed of a failing case.
        Gen.Int.Sample(
            seed =>
            {
                var model = new SessionEngineModel(seed);
                model.Run(200);
                Interlocked.Add(ref commits, model.Commits);
            },
            iter: 5000);
        Assert.True(commits > 10_000, $"only {commits} commits were made");
    }
}
