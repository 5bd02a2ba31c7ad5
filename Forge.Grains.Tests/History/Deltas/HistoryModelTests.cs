using CsCheck;
using Forge.History.InMemory;

namespace Forge.Grains.Tests.History.Deltas;

public sealed class HistoryModelTests
{
    [Fact]
    public void Store_AnyChangesAndSweeps_RestoresExactlyAndKeepsNothingElse()
    {
        var (hidden, copiedOut) = (0, 0);
        // CsCheck prints the seed of a failing case. The store answers at once, so that there is nothing to wait for.
        Gen.Int.Sample(
            seed =>
            {
                var model = new HistoryModel(new InMemoryHistoryStore(), HistoryRows.Address("s"), seed, mostBytes: 1000);
                model.RunAsync(24).GetAwaiter().GetResult();
                Interlocked.Add(ref hidden, model.Hidden);
                Interlocked.Add(ref copiedOut, model.CopiedOut);
            },
            iter: 10_000);
        Assert.True(hidden > 1000 && copiedOut > 100, $"{hidden} rows were hidden and {copiedOut} copied out");
    }
}
