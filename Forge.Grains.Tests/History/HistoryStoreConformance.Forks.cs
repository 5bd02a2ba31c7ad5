using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Fork_PathOfAnyCheckpointWhateverWasRemoved_IsItsVisibleAncestors(int seed)
    {
        const int rows = 60;
        var (random, session) = (new Random(seed), Session("s"));
        var made = Tree(rows, random);

        // The states stand on nothing, so that all rows come as they are.
        made = [.. made.Select(row => row with { Codec = 0, Base = null, Group = null })];
        await session.CreateAsync(made);
        await Session("other").CreateAsync(HistoryRows.Checkpoints(1, rows));
        var there = made.Select(row => row.Sequence).ToHashSet();
        await AssertPathsAsync(session, made, there);
        while (there.Count > 2)
        {
            SequenceRange[] going = random.Next(3) > 0
                ? [.. there.Where(s => s < rows).OrderBy(_ => random.Next()).Take(3).Select(s => new SequenceRange(s, s))]
                : [new(random.Next(1, 30), random.Next(30, rows))];
            await session.CommitAsync(c => c with
            {
                Changes = [.. going.Select(r => new RangeRemoved(r)), new Due(DueWorkKind.Reclaim, HistoryRows.Start)],
            });
            there.RemoveWhere(s => going.Any(r => s >= r.First && s <= r.Last));
            await AssertPathsAsync(session, made, there);
            var work = (await Store.Upkeep.FindDueWorkAsync(DueWorkKind.Reclaim, session.Key, Cancel))!;
            for (var steps = random.Next(9); steps > 0 && !await Store.Upkeep.DoWorkAsync(work, random.Next(1, 6), HistoryRows.Start, Cancel); steps--)
            {
            }

            await AssertPathsAsync(session, made, there);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Fork_PathOfStatesThatStandOnOthers_DecodesToWhatWasSaved(int seed)
    {
        var (random, session) = (new Random(seed), Session("s"));
        var (encoder, states, rows) = (new DocumentEncoder(), new List<byte[]>(), new List<StoredCheckpoint>());
        var script = new Deltas.StateScript(random);
        for (var sequence = 1; sequence <= 80; sequence++)
        {
            var parent = random.Next(6) == 0 ? random.Next(sequence) : sequence - 1;
            states.Add(script.Next(parent == 0 ? script.Text(3000) : states[parent - 1], 6000));
            rows.Add(encoder.Encode((HistoryRows.Checkpoint(sequence) with { Parent = parent }).WithState(states[^1])));
        }

        await session.CreateAsync([.. rows]);
        Assert.True(rows.Count(row => row.Base is not null) > 20);
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                .. Enumerable.Range(0, 25).Select(_ => new RangeRemoved(new SequenceRange(random.Next(1, 80), 0))).Select(r => r with { Range = r.Range with { Last = r.Range.First } })
                    .DistinctBy(r => r.Range.First),
                new Due(DueWorkKind.Reclaim, HistoryRows.Start),
            ],
        });
        await FinishAsync((await Store.Upkeep.FindDueWorkAsync(DueWorkKind.Reclaim, session.Key, Cancel))!, 10, HistoryRows.Start);
        foreach (var sequence in (await SequencesAsync(session.Address)).Where(s => s % 9 == 0 || s == 80))
        {
            await using var source = await Store.Forks.OpenAsync(session.Address, sequence, Cancel);
            var path = new Dictionary<long, StoredCheckpoint>();
            await foreach (var (row, _) in source!.ReadAsync(Cancel))
            {
                // Nothing but what came along is needed.
                path.Add(row.Sequence, row);
                var bases = BasePath.Follow(row, at => path.TryGetValue(at, out var found) ? new EncodedState(found) : null);
                Assert.Equal(states[(int)row.Sequence - 1], StateDecoder.DecodeSaved(new StoredState(row, bases)).ToArray());
                Assert.True(row.Base is null || row.Base == row.Parent);
                Assert.InRange(row.Sequence - (row.Group ?? row.Sequence), 0, ChainEnd.MaxSpan);
            }

            Assert.Equal(sequence, path.Keys.Max());
        }
    }

    [Fact]
    public async Task Fork_OfAPathThatStaysAsItIs_ReadsTheRowsAsTheyAreStored()
    {
        var session = Session("s");
        var (encoder, script, state) = (new DocumentEncoder(), new Deltas.StateScript(new Random(7)), Array.Empty<byte>());
        var rows = new List<StoredCheckpoint>();
        for (var sequence = 1; sequence <= 300; sequence++)
        {
            state = [.. state, .. script.Text(200)];
            rows.Add(encoder.Encode(HistoryRows.Checkpoint(sequence, "t").WithState(state)));
        }

        await session.CreateAsync([.. rows]);
        await session.CommitAsync(c => c with { Changes = [new Annotated(new NewAnnotation(7, 400, HistoryRows.Start, AnnotationSeverity.Info, "n"))] });
        await using var source = await Store.Forks.OpenAsync(session.Address, CheckpointReference.Latest, Cancel);

        // What comes later is of another instant.
        await session.CreateAsync(HistoryRows.Checkpoint(301));
        await session.CommitAsync(c => c with { Changes = [new Removed(5), new RangeRemoved(new SequenceRange(100, 200))] });

        var read = await source!.ReadAsync(Cancel).ToListAsync(Cancel);
        HistoryRows.AssertSame(rows, [.. read.Select(r => r.Row)], CheckpointParts.All);
        Assert.Equal([7], read.Where(r => r.Annotations.Count > 0).Select(r => r.Row.Sequence));
        Assert.Equal(
            new PathSize(300, rows.Sum(r => (long)r.Size), rows.Sum(r => (long)r.StoredSize + SealBytes)), await source.MeasureAsync(Cancel));
        HistoryRows.AssertSame(rows[^1], source.Point.Checkpoint!.Value.Row, CheckpointParts.All);
    }

    [Fact]
    public async Task Fork_PointOfASession_IsOfOneInstantWithItsHead()
    {
        var session = Session("s");
        Assert.Null(await Store.Forks.ReadPointAsync(session.Address, CheckpointReference.Latest, Cancel));
        Assert.Null(await Store.Forks.OpenAsync(session.Address, CheckpointReference.Latest, Cancel));
        var rows = HistoryRows.Checkpoints(1, 4);
        await session.CreateAsync(rows);
        await session.CommitAsync(c => c with { Head = c.Head with { Current = 2 }, Changes = [new Removed(3)] });

        foreach (var (reference, row) in new (CheckpointReference, StoredCheckpoint?)[]
        {
            (CheckpointReference.Latest, rows[3]), (CheckpointReference.Current, rows[1]), (1, rows[0]), (rows[1].Id, rows[1]), (3, null),
            (rows[2].Id, null), (9, null), (CheckpointReference.None, null),
        })
        {
            var point = (await Store.Forks.ReadPointAsync(session.Address, reference, Cancel))!;
            HistoryRows.AssertSame(session.Head!, point.Head);
            Assert.Equal(row?.Sequence, point.Checkpoint?.Row.Sequence);
            if (row is not null)
            {
                HistoryRows.AssertSame(row, point.Checkpoint!.Value.Row, CheckpointParts.All);
            }
        }

        await session.CommitAsync(c => c with { Head = c.Head with { DeletedAt = HistoryRows.Start } });
        var deleted = (await Store.Forks.ReadPointAsync(session.Address, 1, Cancel))!;
        Assert.Equal((HistoryRows.Start, null), (deleted.Head.DeletedAt, deleted.Checkpoint));
    }

    [Fact]
    public async Task Forks_OfASession_AreToldUntilTheyAreDeletedOrItIs()
    {
        var (origin, other) = (Session("o"), Session("other"));
        await origin.CreateAsync(HistoryRows.Checkpoint(1));
        await other.CreateAsync(HistoryRows.Checkpoint(1));
        var forks = new List<SessionScript>();
        for (var i = 0; i < 4; i++)
        {
            forks.Add(Session($"f{i}"));
            await ForkAsync(forks[i], Link(origin, i + 1));
        }

        await ForkAsync(Session("of-another-life"), Link(origin, 1) with { OriginIncarnation = 2 });
        await ForkAsync(Session("imported"), Link(origin, 1) with { OriginKey = null });
        var links = (await Store.Forks.ReadLinksAsync(forks[2].Address, 10, Cancel))!;
        AssertLink(Link(origin, 3), links.Origin);
        Assert.Equal((false, 0), (links.OriginIsGone, links.Forks));
        HistoryRows.AssertSame(forks[2].Head!, links.Read.Head);
        Assert.True((await Store.Forks.ReadLinksAsync(HistoryRows.Address("of-another-life"), 10, Cancel))!.OriginIsGone);
        Assert.True((await Store.Forks.ReadLinksAsync(HistoryRows.Address("imported"), 10, Cancel))!.OriginIsGone);
        Assert.Null(await Store.Forks.ReadLinksAsync(HistoryRows.Address("unknown"), 10, Cancel));

        Assert.Equal(4, (await Store.Forks.ReadLinksAsync(origin.Address, 10, Cancel))!.Forks);
        Assert.Equal(3, (await Store.Forks.ReadLinksAsync(origin.Address, 3, Cancel))!.Forks);
        Assert.Null((await Store.Forks.ReadLinksAsync(origin.Address, 3, Cancel))!.Origin);
        var page = await Store.Forks.ListAsync(origin.Address, long.MaxValue, 3, Cancel);
        Assert.Equal(["f3", "f2", "f1"], page.Select(f => f.Session.Value));
        AssertLink(Link(origin, 4), page[0].Link);
        Assert.Equal(["f0"], (await Store.Forks.ListAsync(origin.Address, page[^1].Key, 3, Cancel)).Select(f => f.Session.Value));
        Assert.Empty(await Store.Forks.ListAsync(other.Address, long.MaxValue, 3, Cancel));

        await DeleteAsync(forks[1]);
        Assert.Equal(["f3", "f2", "f0"], (await Store.Forks.ListAsync(origin.Address, long.MaxValue, 9, Cancel)).Select(f => f.Session.Value));
        Assert.Equal(3, (await Store.Forks.ReadLinksAsync(origin.Address, 10, Cancel))!.Forks);
        await DeleteAsync(origin);
        Assert.Empty(await Store.Forks.ListAsync(origin.Address, long.MaxValue, 9, Cancel));
        links = (await Store.Forks.ReadLinksAsync(forks[2].Address, 10, Cancel))!;
        AssertLink(Link(origin, 3), links.Origin);
        Assert.True(links.OriginIsGone);
    }

    [Fact]
    public async Task Erase_OfAFork_RemovesItsLink()
    {
        var (origin, fork, other) = (Session("o"), Session("f"), Session("g"));
        await origin.CreateAsync(HistoryRows.Checkpoint(1));
        await ForkAsync(fork, Link(origin, 1));
        await ForkAsync(other, Link(origin, 1));

        await fork.CommitAsync(c => c with { Head = c.Head.Ended(HistoryRows.Start), Changes = [new Due(DueWorkKind.Erase, HistoryRows.Start)] });
        await FinishAsync((await Store.Upkeep.FindDueWorkAsync(DueWorkKind.Erase, fork.Key, Cancel))!, 5, HistoryRows.Start);

        // The key of the row is free again, and nothing of it is left.
        await fork.CommitAsync(c => c with { Head = c.Head with { DeletedAt = null, OriginSequence = 1 } });
        Assert.Null(await OriginAsync(fork));
        AssertLink(Link(origin, 1), await OriginAsync(other));
    }

    private static ForkLink Link(SessionScript origin, long sequence) => new()
    {
        OriginKey = origin.Key,
        OriginIncarnation = 1,
        Origin = origin.Address.Session.Value,
        Sequence = sequence,
        Id = new CheckpointId(new Guid((int)sequence, 7, 7, 1, 2, 3, 4, 5, 6, 7, 8)),
        Chain = sequence == 2 ? null : [1, 2, 255, (byte)sequence],
        At = HistoryRows.Start.AddMicroseconds(sequence),
    };

    private static void AssertLink(ForkLink expected, ForkLink? actual)
    {
        Assert.Equal(expected.Chain, actual!.Chain);
        Assert.Equal(expected with { Chain = null }, actual with { Chain = null });
    }

    private static async Task ForkAsync(SessionScript fork, ForkLink link) => await fork.CommitAsync(
        (await fork.NextAsync(HistoryRows.Checkpoint(1))).Having(new BeganFrom(link)) is var commit
            ? commit with { Head = commit.Head with { OriginKey = link.OriginKey, OriginSequence = link.Sequence } }
            : null!);

    private static Task DeleteAsync(SessionScript session) =>
        session.CommitAsync(c => c with { Head = c.Head.Ended(HistoryRows.Start), Changes = [new Due(DueWorkKind.Erase, HistoryRows.Start)] });

    private async Task<ForkLink?> OriginAsync(SessionScript session)
    {
        await using var stored = await Store.Verification.OpenStoredAsync(session.Address, Cancel);
        return await stored!.OriginAsync(Cancel);
    }

    /// <summary>Holds the path to each checkpoint against its parents.</summary>
    private async Task AssertPathsAsync(SessionScript session, StoredCheckpoint[] rows, HashSet<long> there)
    {
        foreach (var row in rows.Where(row => there.Contains(row.Sequence)))
        {
            var path = new List<long>();
            for (var at = row.Sequence; at > 0; at = rows[at - 1].Parent)
            {
                if (there.Contains(at))
                {
                    path.Insert(0, at);
                }
            }

            await using var source = await Store.Forks.OpenAsync(session.Address, row.Sequence, Cancel);
            var read = await source!.ReadAsync(Cancel).Select(r => r.Row).ToListAsync(Cancel);
            Assert.Equal(path, read.Select(r => r.Sequence));
            Assert.Equal([0, .. path[..^1]], read.Select(r => r.Parent));
        }
    }
}
