using CsCheck;
using Forge.Grains.Tests.Sqlite;

namespace Forge.Grains.Tests.History.Deltas;

public sealed class HistoryModelTests
{
    [Fact]
    public async Task Store_AnyChangesAndSweeps_RestoresExactlyAndKeepsNothingElse()
    {
        var (hidden, copiedOut) = (0, 0);
        await using var stores = new TrialStores();

        // CsCheck prints the seed of a failing case.
        await Gen.Int.SampleAsync(
            seed => stores.UseAsync(async (store, name) =>
            {
                var model = new HistoryModel(store, HistoryRows.Address(name), seed, mostBytes: 1000);
                await model.RunAsync(24);
                Interlocked.Add(ref hidden, model.Hidden);
                Interlocked.Add(ref copiedOut, model.CopiedOut);
            }),
            iter: 2000);
        Assert.True(hidden > 200 && copiedOut > 5, $"{hidden} rows were hidden and {copiedOut} copied out");
    }
}
