using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task ReadNearest_RemovedInAnyWay_IsTheNearestAncestorThatIsThere(int seed)
    {
        const int rows = 60;
        var (random, session) = (new Random(seed), Session("s"));
        var made = Tree(rows, random);
        await session.CreateAsync(made);
        await Session("other").CreateAsync(HistoryRows.Checkpoints(1, rows));
        var there = made.Select(row => row.Sequence).ToHashSet();
        await AssertNearestAsync(session, made, there);
        while (there.Count > 1)
        {
            // Single ones, also in the middle of a line, or all but a few at once.
            SequenceRange[] going = random.Next(3) > 0
                ? [.. there.Where(s => s < rows).OrderBy(_ => random.Next()).Take(3).Select(s => new SequenceRange(s, s))]
                : [Range(), Range()];
            await session.CommitAsync(c => c with
            {
                Changes =
                [
                    .. going.Select(r => r.First == r.Last && there.Contains(r.First) ? new Removed(r.First) : (SessionChange)new RangeRemoved(r)),
                    new Due(DueWorkKind.Reclaim, HistoryRows.Start),
                ],
            });
            there.RemoveWhere(s => going.Any(r => s >= r.First && s <= r.Last));
            await AssertNearestAsync(session, made, there);

            // Some steps of it, or all.
            var work = (await Store.Upkeep.FindDueWorkAsync(DueWorkKind.Reclaim, session.Key, Cancel))!;
            for (var steps = random.Next(9); steps > 0 && !await Store.Upkeep.DoWorkAsync(work, random.Next(1, 6), HistoryRows.Start, Cancel); steps--)
            {
                await AssertNearestAsync(session, made, there);
            }

            await AssertNearestAsync(session, made, there);
        }

        SequenceRange Range()
        {
            var first = random.Next(1, rows);
            return new SequenceRange(first, random.Next(first, rows));
        }
    }

    [Fact]
    public async Task ReadNearest_UnknownOrDeletedSession_IsNone()
    {
        var session = Session("s");
        Assert.Equal(default, await Store.Reads.ReadNearestAsync(session.Address, 1, Cancel));
        await session.CreateAsync(HistoryRows.Checkpoints(1, 3));

        Assert.Equal((1, null), Of(await Store.Reads.ReadNearestAsync(session.Address, 4, Cancel)));
        Assert.Equal((1, 3), Of(await Store.Reads.ReadNearestAsync(session.Address, 3, Cancel)));
        await session.CommitAsync(c => c with { Head = c.Head with { DeletedAt = HistoryRows.Start } });
        Assert.Equal((2, null), Of(await Store.Reads.ReadNearestAsync(session.Address, 3, Cancel)));

        var kept = await Store.Reads.ReadKeptAsync(session.Address, [1, 3], Cancel);
        Assert.Equal((2, 0), (kept.Version, kept.Value.Count));

        static (long, long?) Of(Versioned<CheckpointPointer?> read) => (read.Version, read.Value?.Sequence);
    }

    [Fact]
    public async Task ReadCheckpoint_Current_IsTheOneThatTheHeadRowNames()
    {
        var session = Session("s");
        var rows = HistoryRows.Checkpoints(1, 3);
        await session.CreateAsync(rows);
        HistoryRows.AssertSame(rows[2], await ReadAsync(session.Address, CheckpointReference.Current), CheckpointParts.All);

        await session.CommitAsync(c => c with { Head = c.Head with { Current = 1 } });
        foreach (var parts in new[] { CheckpointParts.Summary, CheckpointParts.State, CheckpointParts.All })
        {
            HistoryRows.AssertSame(rows[0], await ReadAsync(session.Address, CheckpointReference.Current, parts), parts);
        }

        Assert.Null(await ReadAsync(session.Address, CheckpointReference.None));
        await session.CommitAsync(c => c with { Head = c.Head with { Current = 0 } });
        Assert.Null(await ReadAsync(session.Address, CheckpointReference.Current));
        HistoryRows.AssertSame(rows[2], await ReadAsync(session.Address, CheckpointReference.Latest), CheckpointParts.All);
    }

    /// <summary>Lines and branches, some of them roots, of which some stand on their parents and are kept for that.</summary>
    private static StoredCheckpoint[] Tree(int count, Random random)
    {
        var rows = new List<StoredCheckpoint>();
        for (var sequence = 1; sequence <= count; sequence++)
        {
            var parent = random.Next(8) == 0 ? random.Next(sequence) : sequence - 1;
            var row = HistoryRows.Checkpoint(sequence) with { Parent = parent };
            rows.Add(parent > 0 && random.Next(2) == 0
                ? row with { Codec = 2, Base = parent, Group = rows[parent - 1].Group ?? parent }
                : row);
        }

        return [.. rows];
    }

    private async Task AssertNearestAsync(SessionScript session, StoredCheckpoint[] rows, HashSet<long> there)
    {
        var kept = await Store.Reads.ReadKeptAsync(session.Address, [.. rows.Select(row => row.Sequence)], Cancel);
        Assert.Equal((session.Head!.Version, rows.Length), (kept.Version, kept.Value.Count));
        foreach (var row in rows)
        {
            var at = row.Sequence;
            while (at > 0 && !there.Contains(at))
            {
                at = rows[at - 1].Parent;
            }

            var read = await Store.Reads.ReadNearestAsync(session.Address, row.Sequence, Cancel);
            Assert.Equal(at == 0 ? null : new CheckpointPointer(at, rows[at - 1].Id), read.Value);
            Assert.Equal(session.Head!.Version, read.Version);
            Assert.Equal(at, kept.Value[row.Sequence]);
            await AssertAncestorsAsync(session, rows, there, row);
        }
    }

    private async Task AssertAncestorsAsync(SessionScript session, StoredCheckpoint[] rows, HashSet<long> there, StoredCheckpoint row)
    {
        var expected = new List<StoredCheckpoint>();
        for (var at = row.Parent; at > 0; at = rows[at - 1].Parent)
        {
            if (there.Contains(at))
            {
                expected.Add(rows[at - 1]);
            }
        }

        foreach (var limit in new[] { 2, 100 })
        {
            var path = await Store.Reads.ReadAncestorsAsync(session.Address, row.Sequence, limit, Cancel);
            Assert.Equal(session.Head!.Version, path.Version);
            Assert.Equal(expected.Take(limit).Select(e => e.Id), path.Value.Select(found => found.Id));
        }
    }
}
