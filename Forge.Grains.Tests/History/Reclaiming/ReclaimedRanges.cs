using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.History.Reclaiming;

/// <summary>What becomes of the ranges of a scattered compaction while it is reclaimed, on each database.</summary>
internal static class ReclaimedRanges
{
    /// <summary>Of the ranges of trunks those stay that a row is stored in.</summary>
    public static async Task AssertTrunksDroppedAsync(IHistoryStore store, Func<Task<long>> countTrunks)
    {
        var session = new SessionScript(store, HistoryRows.Address("s"));
        await session.CreateAsync(HistoryRows.Checkpoints(1, 41));
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                new TrunksMarked(new SequenceRange(1, 9)), new TrunksMarked(new SequenceRange(11, 13)), new TrunksMarked(new SequenceRange(15, 15)),
                new TrunksMarked(new SequenceRange(20, 39)),
            ],
        });

        await RemoveAsync(new SequenceRange(2, 8), new SequenceRange(10, 13));
        Assert.Equal(3, await countTrunks());
        await RemoveAsync(new SequenceRange(15, 15), new SequenceRange(21, 39));
        Assert.Equal(2, await countTrunks());
        await RemoveAsync(new SequenceRange(1, 1), new SequenceRange(9, 9), new SequenceRange(20, 20));
        Assert.Equal(0, await countTrunks());

        async Task RemoveAsync(params SequenceRange[] ranges)
        {
            var cancel = TestContext.Current.CancellationToken;
            await session.CommitAsync(c => c with
            {
                Changes = [.. ranges.Select(range => new RangeRemoved(range)), new Due(DueWorkKind.Reclaim, HistoryRows.Start)],
            });
            var work = (await store.Upkeep.FindDueWorkAsync(DueWorkKind.Reclaim, session.Key, cancel))!;
            while (!await store.Upkeep.DoWorkAsync(work, 4, HistoryRows.Start.AddYears(1), cancel))
            {
            }
        }
    }

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
