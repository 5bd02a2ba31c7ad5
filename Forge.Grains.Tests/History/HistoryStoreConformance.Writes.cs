using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

/// <summary>The rows of pending writes.</summary>
public abstract partial class HistoryStoreConformance
{
    [Fact]
    public async Task Write_OfOneKeyTwiceInACommit_LastOneStands()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await session.CommitAsync(c => c with { Changes = [Put(session, 1, "a", 0, 10)] });

        var first = new PendingChanges([Put(session, 1, "a", 0, 20), Put(session, 1, "b", 0, 1)]);
        var second = new PendingChanges([Put(session, 1, "a", 0, 30), Put(session, 1, "a", 1, 2)]);
        await session.CommitAsync(c => c with { Changes = ChangeList.Join([first, second], part => part.Changes) });

        Assert.Equal([("a", 0, 30), ("a", 1, 2), ("b", 0, 1)], await KeysAsync(session, 1));
        var index = await Store.Writes.ReadIndexAsync(session.Address, Cancel);
        Assert.Equal((3L, 33L), (index.Value.Count, index.Value.Bytes));
        Assert.Equal((await HeadAsync(session.Address))!.Version, index.Version);
    }

    [Fact]
    public async Task Write_ReadBack_HasEveryValue()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        var row = Row(session, 1, "täsk 🧭 'x' \"y\" {a,b}\\", -1024, 300_000) with { Name = "naïve NULL", ContentType = "text/plain; charset=utf-8" };
        row = RowSeal.Sealed(session.Address, row);

        await session.CommitAsync(c => c with { Changes = [new Wrote(row)] });

        var read = Assert.Single((await Store.Writes.ListAsync(session.Address, 1, null, 10, 1, Cancel)).Value!.Rows);
        Assert.Equal(row with { Value = default, Checksum = read.Checksum }, read with { Value = default });
        Assert.Equal(row.Checksum, read.Checksum);
        Assert.Equal(row.Value.ToArray(), read.Value.ToArray());
    }

    [Fact]
    public async Task List_OfWrites_PagesByBytesAndByCountWithoutAHole()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1), HistoryRows.Checkpoint(2));
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                .. Enumerable.Range(-2, 5).Select(i => Put(session, 2, "a", i, 10)), Put(session, 2, "B", 7, 10), Put(session, 2, "é", 0, 10),
                Put(session, 1, "a", 0, 10),
            ],
        });
        (string, int, int)[] all = [("B", 7, 10), ("a", -2, 10), ("a", -1, 10), ("a", 0, 10), ("a", 1, 10), ("a", 2, 10), ("é", 0, 10)];

        foreach (var (limit, bytes, each) in new[] { (100, 25L, 3), (2, 1000L, 2), (100, 1L, 1), (7, 1000L, 7), (100, 70L, 7) })
        {
            var (found, pages, after) = (new List<(string, int, int)>(), 0, (WriteKey?)null);
            for (var hasMore = true; hasMore; pages++)
            {
                var page = (await Store.Writes.ListAsync(session.Address, 2, after, limit, bytes + (each * SealBytes), Cancel)).Value!;
                Assert.Equal(2, page.Checkpoint.Sequence);
                Assert.Equal(Math.Min(each, all.Length - found.Count), page.Rows.Count);
                found.AddRange(page.Rows.Select(row => (row.Task, row.Index, row.Size)));
                (after, hasMore) = (page.Rows[^1].Key, page.HasMore);
            }

            Assert.Equal(all, found);
            Assert.Equal((all.Length + each - 1) / each, pages);
        }
    }

    [Fact]
    public async Task List_OfWrites_FindsTheCheckpointByAnyName()
    {
        var session = Session("s");
        StoredCheckpoint[] rows = [HistoryRows.Checkpoint(1), HistoryRows.Checkpoint(2)];
        await session.CreateAsync(rows);
        await session.CommitAsync(c => c with { Changes = [Put(session, 2, "a", 0, 3)] });

        foreach (var named in new CheckpointReference[] { 2, rows[1].Id, CheckpointReference.Latest, CheckpointReference.Current })
        {
            var list = (await Store.Writes.ListAsync(session.Address, named, null, 10, 10, Cancel)).Value!;
            Assert.Equal((new CheckpointPointer(2, rows[1].Id), 1), (list.Checkpoint, list.Rows.Count));
        }

        Assert.Empty((await Store.Writes.ListAsync(session.Address, 1, null, 10, 10, Cancel)).Value!.Rows);
        Assert.Null((await Store.Writes.ListAsync(session.Address, 3, null, 10, 10, Cancel)).Value);
        Assert.Null((await Store.Writes.ListAsync(HistoryRows.Address("none"), 1, null, 10, 10, Cancel)).Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Removal_OfACheckpointWithWrites_HidesThemAtOnceAndTakesTheirRowsInSteps(bool inRange)
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1), HistoryRows.Checkpoint(2), HistoryRows.Checkpoint(3));
        await session.CommitAsync(c => c with
        {
            Changes = [.. Enumerable.Range(0, 25).Select(i => Put(session, 2, "a", i, 10)), Put(session, 3, "a", 0, 10)],
        });

        await session.CommitAsync(c => c with
        {
            Changes =
            [
                inRange ? new RangeRemoved(new SequenceRange(1, 2)) : new Removed(2),
                new Due(DueWorkKind.Reclaim, HistoryRows.Start),
            ],
        });

        Assert.Null((await Store.Writes.ListAsync(session.Address, 2, null, 10, 100, Cancel)).Value);
        Assert.Equal(1, (await Store.Writes.ReadIndexAsync(session.Address, Cancel)).Value.Count);
        Assert.Equal(26, await RowsAsync(session));

        var work = await ClaimAsync(HistoryRows.Start);
        Assert.False(await Store.Upkeep.DoWorkAsync(work, 10, HistoryRows.Start, Cancel));
        Assert.Equal(16, await RowsAsync(session));
        await FinishAsync(work, 10, HistoryRows.Start);

        Assert.Equal(1, await RowsAsync(session));
        Assert.Equal([("a", 0, 10)], await KeysAsync(session, 3));
    }

    [Fact]
    public async Task Reclaim_OfLargeWrites_TakesABoundedNumberOfBytesAStep()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1), HistoryRows.Checkpoint(2));
        for (var i = 0; i < 4; i++)
        {
            await session.CommitAsync(c => c with { Changes = [Put(session, 1, "a", i, 5 * 1024 * 1024)] });
        }

        await session.CommitAsync(c => c with { Changes = [new Removed(1), new Due(DueWorkKind.Reclaim, HistoryRows.Start)] });
        var work = await ClaimAsync(HistoryRows.Start);
        Assert.False(await Store.Upkeep.DoWorkAsync(work, 1000, HistoryRows.Start, Cancel));

        Assert.Equal(2, await RowsAsync(session));
    }

    [Fact]
    public async Task Erase_OfASessionWithWrites_LeavesNone()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await session.CommitAsync(c => c with { Changes = [.. Enumerable.Range(0, 12).Select(i => Put(session, 1, "a", i, 10))] });
        await session.CommitAsync(c => c with { Head = c.Head.Ended(HistoryRows.Start), Changes = [new Due(DueWorkKind.Erase, HistoryRows.Start)] });

        await FinishAsync((await Store.Upkeep.FindDueWorkAsync(DueWorkKind.Erase, session.Key, Cancel))!, 5, HistoryRows.Start);
        await session.CommitAsync(c => c with { Head = c.Head with { DeletedAt = null } });

        Assert.Equal(0, await RowsAsync(session));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TakeOver_OfStagedWrites_TakesThemAlong(bool isNew)
    {
        var session = Session("s");
        if (!isNew)
        {
            await session.CreateAsync(HistoryRows.Checkpoint(1));
        }

        var key = await Store.Commits.NextSessionKeyAsync(Cancel);
        await Store.Staging.BeginAsync(key, HistoryRows.Start.AddYears(1), Cancel);
        await Store.Staging.StageAsync(key, [HistoryRows.Checkpoint(2)], Cancel);
        await Store.Staging.StageWritesAsync(session.Address, key, [Row(session, 2, "a", 0, 3), Row(session, 2, "a", 1, 4)], Cancel);

        await session.CommitAsync(c => c with
        {
            Head = c.Head with { Key = isNew ? key : c.Head.Key, LastSequence = 2, Head = 2, Current = 2 },
            Changes = [new TookOver(key, isNew ? 0 : 1, Writes: true)],
        });

        Assert.Equal([("a", 0, 3), ("a", 1, 4)], await KeysAsync(session, 2));
    }

    [Fact]
    public async Task Discard_OfStagedWrites_LeavesNone()
    {
        await Store.Staging.BeginAsync(4000, HistoryRows.Start.AddYears(1), Cancel);
        await Store.Staging.StageAsync(4000, [HistoryRows.Checkpoint(2)], Cancel);
        await Store.Staging.StageWritesAsync(Session("s").Address, 4000, [.. Enumerable.Range(0, 7).Select(i => Row(Session("s"), 2, "a", i, 3))], Cancel);
        await Store.Staging.DiscardAsync(4000, Cancel);

        await FinishAsync(await ClaimAsync(HistoryRows.Start), 2, HistoryRows.Start);

        await Store.Staging.BeginAsync(4000, HistoryRows.Start.AddYears(1), Cancel);
        await Store.Staging.StageWritesAsync(Session("s").Address, 4000, [.. Enumerable.Range(0, 7).Select(i => Row(Session("s"), 2, "a", i, 3))], Cancel);
    }

    [Fact]
    public async Task Snapshot_OfASession_HasTheWritesOfItsInstant()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1), HistoryRows.Checkpoint(2), HistoryRows.Checkpoint(3));
        await session.CommitAsync(c => c with { Changes = [Put(session, 3, "a", 0, 1), Put(session, 1, "b", 1, 2), Put(session, 2, "c", 0, 3)] });
        await session.CommitAsync(c => c with { Changes = [new Removed(2)] });

        await using var snapshot = await Store.Reads.OpenSnapshotAsync(session.Address, Cancel);
        await session.CommitAsync(c => c with { Changes = [Put(session, 3, "a", 0, 9), Put(session, 3, "z", 0, 9)] });

        var found = new List<(long, string, int, int)>();
        await foreach (var write in snapshot!.WritesAsync(Cancel))
        {
            found.Add((write.Row!.Sequence, write.Row.Task, write.Row.Index, write.Row.Size));
        }

        Assert.Equal([(1, "b", 1, 2), (3, "a", 0, 1)], found);
    }

    [Fact]
    public async Task Remember_WritesOfACreateWhoseIdWasTakenBefore_TheNewOnesStand()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        var first = HistoryRows.Request(Guid.NewGuid(), HistoryRows.Start) with { Kind = RememberedRequest.CreateWrites };
        var second = first with { At = HistoryRows.Start.AddDays(1), Outcome = "\"w\"" };
        await session.CommitAsync(c => c with { Changes = [new Remembered(first)] });

        await session.CommitAsync(c => c with { Changes = [new Remembered(second)] });

        Assert.Equal([second], (await Store.Reads.ReadAttemptsAsync(session.Address, [first.Id], Cancel)).Value.Remembered);
    }

    [Fact]
    public async Task WasImported_PositionsAroundAnImport_TellsThoseThatItBrought()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                new Logged(new SessionEvent(
                    5, SessionEventKind.Imported, HistoryRows.Start, 0, 0, new EventDetail { Position = 2, Count = 2 }.ToJson())),
            ],
        });

        foreach (var (position, brought) in new[] { (1, false), (2, true), (3, true), (4, false), (5, false), (6, false) })
        {
            Assert.Equal(brought, await Store.Writes.WasImportedAsync(session.Address, position, Cancel));
        }

        Assert.False(await Store.Writes.WasImportedAsync(HistoryRows.Address("none"), 2, Cancel));
    }

    private static Wrote Put(SessionScript session, long sequence, string task, int index, int size) => new(Row(session, sequence, task, index, size));

    private static StoredWrite Row(SessionScript session, long sequence, string task, int index, int size)
    {
        var value = new byte[size];
        new Random((size * 31) + index).NextBytes(value);
        return RowSeal.Sealed(session.Address, new StoredWrite
        {
            Sequence = sequence,
            Task = task,
            Index = index,
            Name = "n",
            ContentType = "a/b",
            At = HistoryRows.Start,
            Size = size,
            Checksum = SHA256.HashData(value),
            Value = value,
        });
    }

    private async Task<(string, int, int)[]> KeysAsync(SessionScript session, long sequence) =>
        [.. (await Store.Writes.ListAsync(session.Address, sequence, null, 1000, long.MaxValue, Cancel)).Value!.Rows
            .Select(row => (row.Task, row.Index, row.Size))];

    /// <summary>How many rows there are of a session, whatever is shown of them.</summary>
    private async Task<int> RowsAsync(SessionScript session)
    {
        await using var stored = await Store.Verification.OpenStoredAsync(session.Address, Cancel);
        var (count, after) = (0, (WritePosition?)null);
        while (await stored!.WritesAsync(after, 7, Cancel) is { Count: > 0 } page)
        {
            (count, after) = (count + page.Count, page[^1].Position);
        }

        return count;
    }

    private sealed record PendingChanges(IReadOnlyList<SessionChange> Changes);
}
