using System.Globalization;
using Forge.Grains.Tests.PostgreSql;

namespace Forge.Grains.Tests.Processes;

/// <summary>
/// A cluster whose silos are stopped and started again in turn, each by the signal that a supervisor sends, while callers go on: they are told
/// of nothing, and nothing that was acknowledged is lost. <c>FORGE_TEST_ROLLS</c> says how many times over (1), and <c>FORGE_TEST_OLD_SILO</c>
/// names the folder of an older build, which the cluster is upgraded from.
/// </summary>
public sealed class RollingTests(ITestOutputHelper output)
{
    private const int Silos = 3;
    private const int SavesBetween = 10;

    private static readonly int Rolls = int.Parse(Environment.GetEnvironmentVariable("FORGE_TEST_ROLLS") ?? "1", CultureInfo.InvariantCulture);

    [Fact]
    public Task Restart_EachOfThreeSilosInTurn_LosesNothingAndTellsNoCaller() => RollAsync(AppContext.BaseDirectory, Rolls);

    [Fact]
    public async Task Upgrade_EachOfThreeSilosInTurn_LosesNothingAndTellsNoCaller()
    {
        var old = Environment.GetEnvironmentVariable("FORGE_TEST_OLD_SILO");
        Assert.SkipWhen(string.IsNullOrEmpty(old), "FORGE_TEST_OLD_SILO names no folder with an older build of Forge.Silo.");

        // The other rounds go from the new build to the new one, behind the migrations.
        await RollAsync(old!, Rolls);
    }

    private async Task RollAsync(string first, int rolls)
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var starting = Enumerable.Range(0, Silos).Select(_ => SiloProcess.StartFromAsync(
            first, "--Forge:Database", "PostgreSql", "--ConnectionStrings:Forge", database)).ToList();
        SiloProcess[] silos;
        try
        {
            silos = await Task.WhenAll(starting);
            await using var load = await RollingLoad.StartAsync(database);
            await load.UntilEachSavedAsync(SavesBetween);
            for (var roll = 0; roll < rolls; roll++)
            {
                foreach (var silo in silos)
                {
                    Assert.Equal(0, await silo.StopAsync());
                    await load.UntilEachSavedAsync(SavesBetween);
                    await silo.StartAgainFromAsync(AppContext.BaseDirectory);
                    await load.UntilEachSavedAsync(SavesBetween);
                }
            }

            var saved = await load.StopAndVerifyAsync();
            output.WriteLine($"{rolls} times {Silos} silos, {saved} checkpoints; the longest call took {load.Longest.TotalMilliseconds:0} ms");
        }
        finally
        {
            // Those that did start are there also if another one did not.
            foreach (var silo in starting.Where(start => start.IsCompletedSuccessfully))
            {
                await (await silo).DisposeAsync();
            }
        }

        Assert.All(silos, silo => Assert.DoesNotContain(silo.OwnLines, line => line.Contains("has died", StringComparison.Ordinal)));
        await PostgreSqlServer.Shared.DropDatabaseAsync(database);
    }
}
