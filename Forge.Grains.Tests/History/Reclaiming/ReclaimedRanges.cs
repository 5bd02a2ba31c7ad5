using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.History.Reclaiming;

/// <summary>What becomes of the ranges of a scattered compaction while it is reclaimed, on each database.</summary>
internal static class ReclaimedRanges
{
    public static async Task AssertDroppedAsync(IHistoryStore store, Func<Task<long>> countRanges)
    {
        var cancel = TestContext.Current.CancellationToken;
        var session = new SessionScript(store, HistoryRows.Address("s"));
        await session.CreateAsync(HistoryRows.Checkpoints(1, 41));
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                .. Enumerable.Range(1, 20).Select(i => new RangeRemoved(new SequenceRange(2 * i, 2 * i))),
                new Due(DueWorkKind.Reclaim, HistoryRows.Start),
            ],
        });
        var work = (await store.Upkeep.FindDueWorkAsync(DueWorkKind.Reclaim, session.Key, cancel))!;
        var (counts, isDone) = (new List<long>(), false);
        while (!isDone)
        {
            isDone = await store.Upkeep.DoWorkAsync(work, 6, HistoryRows.Start.AddYears(1), cancel);
            counts.Add(await countRanges());
            var left = await store.Reads.ListAsync(session.Address, new ListFilter { Limit = 100, Order = ListOrder.OldestFirst }, cancel);
            Assert.Equal(Enumerable.Range(0, 21).Select(i => (2L * i) + 1), left.Value.Select(row => row.Sequence));
        }

        Assert.True(counts.Count >= 4, "There is more than one step.");
        Assert.InRange(counts[0], 1, 14);
        Assert.Equal(counts.OrderDescending(), counts);
        Assert.Equal(0, counts[^1]);
    }
}
