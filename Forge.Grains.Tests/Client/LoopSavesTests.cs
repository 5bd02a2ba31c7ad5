using Forge.Checkpoints;
using Forge.Client.Loops;
using Forge.Sessions;

namespace Forge.Grains.Tests.Client;

public sealed class LoopSavesTests
{
    private readonly FakeCluster _cluster = new FakeCluster().On(
        nameof(ISessionGrain.CreateAsync), a => new CreateResult(CreateOutcome.Created, ClientSamples.Summary((NewCheckpoint)a[0]!)));

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 1)]
    public async Task SaveKnown_BehindAStep_SavesUnlessThatWasTheLast(bool isFinished, int expected)
    {
        using var saves = new LoopSaves<string>(_cluster.Session());
        await saves.SaveStepAsync("done", 3, isFinished, "After step 3", TestContext.Current.CancellationToken);

        await saves.SaveKnownAsync("as it was due", CheckpointTrigger.Scheduled, TestContext.Current.CancellationToken);
        await saves.SaveReportedAsync("by time", CheckpointTrigger.Scheduled, TestContext.Current.CancellationToken);

        Assert.Equal(expected, _cluster.Calls.Count);
    }
}
