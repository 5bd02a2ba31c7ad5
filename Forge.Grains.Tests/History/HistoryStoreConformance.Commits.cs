using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public async Task Commit_PlainCreate_StoresHeadAndRowAsGiven(int neighbours)
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        var row = HistoryRows.FullCheckpoint(2) with { Tags = [], FirstTags = null };
        var commit = await session.NextAsync(row);
        commit = commit with
        {
            Head = commit.Head with
            {
                Incarnation = 2,
                CreatedAt = HistoryRows.Start.AddMicroseconds(1),
                LastCreatedAt = HistoryRows.Start.AddMicroseconds(2),
                Current = 1,
                Bytes = 12_345_678_901_234,
                Settings = """{"x":[ 1, 2 ]}""",
                OriginKey = 77,
                OriginSequence = 78,
                Chain = [1, 0, 255],
            },
        };
        List<SessionCommit> commits = [commit];
        foreach (var neighbour in Enumerable.Range(0, neighbours).Select(i => Session($"neighbour-{i}")))
        {
            await neighbour.CreateAsync(HistoryRows.Checkpoint(1));
            commits.Add(await neighbour.NextAsync(HistoryRows.Checkpoint(2), HistoryRows.Checkpoint(3)));
        }

        var batch = SessionScript.Batch([.. commits]);
        var outcomes = await Store.Commits.CommitAsync(batch, Cancel);

        Assert.All(outcomes, o => Assert.Equal(CommitStatus.Committed, o.Status));
        session.Took(batch);
        HistoryRows.AssertSame(session.Head!, (await Store.Reads.ReadHeadAsync(session.Address, Cancel))?.Head);
        HistoryRows.AssertSame(
            row, await ReadAsync(session.Address, 2, CheckpointParts.Summary), CheckpointParts.Summary);
        foreach (var neighbour in commits.Skip(1))
        {
            Assert.Equal([1, 2, 3], await SequencesAsync(neighbour.Address));
        }
    }

    [Fact]
    public async Task Commit_NewSession_StoresHeadAsGiven()
    {
        var session = Session("s");
        var commit = await session.NextAsync();
        commit = commit with
        {
            Head = commit.Head with
            {
                Incarnation = 3,
                CreatedAt = HistoryRows.Start.AddMicroseconds(1),
                LastCreatedAt = HistoryRows.Start.AddMicroseconds(2),
                LastSequence = 9_000_000_001,
                Head = 9_000_000_000,
                Current = 8_000_000_000,
                LastPosition = 9_500_000_000,
                Count = 7,
                Bytes = 12_345_678_901_234,
                Settings = """{"labels":{"é":"🧭"},"x":[ 1, 2 ]}""",
                OriginKey = 77,
                OriginSequence = 78,
                Chain = [1, 0, 255],
            },
        };

        await session.CommitAsync(commit);

        var read = await Store.Reads.ReadHeadAsync(session.Address, Cancel);
        HistoryRows.AssertSame(session.Head!, read?.Head);
        Assert.True(read!.HeadId.IsEmpty);
        Assert.True(read.CurrentId.IsEmpty);
    }

    [Fact]
    public async Task Commit_NextVersion_ReplacesEveryColumnOfTheHead()
    {
        var session = Session("s");
        await session.CommitAsync(c => c with
        {
            Head = c.Head with { Settings = "{}", OriginKey = 1, OriginSequence = 2, Chain = [1], LastCreatedAt = HistoryRows.Start },
        });
        await session.CommitAsync(c => c with
        {
            Head = c.Head with
            {
                Incarnation = 2,
                LastCreatedAt = null,
                LastSequence = 1,
                Head = 2,
                Current = 3,
                LastPosition = 4,
                Count = 5,
                Bytes = 6,
                Settings = null,
                OriginKey = null,
                OriginSequence = null,
                Chain = null,
                DeletedAt = HistoryRows.Start.AddMicroseconds(3),
            },
        });

        HistoryRows.AssertSame(session.Head!, await HeadAsync(session.Address));
    }

    [Fact]
    public async Task Commit_EmptyBatch_AnswersNothing() =>
        Assert.Empty(await Store.Commits.CommitAsync(SessionScript.Batch(), Cancel));

    [Fact]
    public async Task Commit_SameIdsInTwoSessions_AreCommitted()
    {
        var (a, b) = (Session("a"), Session("b"));
        var row = HistoryRows.Checkpoint(1);
        var request = HistoryRows.Request(Guid.NewGuid(), HistoryRows.Start);
        await a.CommitAsync((await a.NextAsync(row)).Having(new Remembered(request)));
        await b.CommitAsync((await b.NextAsync(row)).Having(new Remembered(request)));

        Assert.Equal(row.Id, (await ReadAsync(a.Address, row.Id))!.Row.Id);
        Assert.Equal(row.Id, (await ReadAsync(b.Address, row.Id))!.Row.Id);
    }

    [Fact]
    public async Task Commit_IdsThatLookAlike_AreSessionsOfTheirOwn()
    {
        const string guid = "2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d";
        string[] names = ["a1", "A1", "0a1", "00a1", "a1+x", "a1%", "a_", guid, guid.ToUpperInvariant(), guid.Replace("-", "")];
        string[] tenants = ["default", "DEFAULT", "a1", "A1"];
        var sessions = (from tenant in tenants from name in names select Session(name, tenant)).ToList();
        foreach (var session in sessions)
        {
            await session.CreateAsync(HistoryRows.Checkpoint(1, "t") with { Message = session.Address.ToString() });
        }

        await sessions[0].CommitAsync(c => c with { Changes = [new RangeRemoved(new SequenceRange(1, 1))] });
        await sessions[1].CommitAsync(c => c with { Changes = [new Removed(1)] });
        await sessions[2].CommitAsync(c => c with { Head = c.Head with { DeletedAt = HistoryRows.Start } });
        foreach (var session in sessions.Take(3))
        {
            Assert.Empty(await ListAsync(session.Address));
        }

        foreach (var session in sessions.Skip(3))
        {
            HistoryRows.AssertSame(session.Head!, await HeadAsync(session.Address));
            var filter = new ListFilter { Tag = "t", Limit = 10 };
            Assert.Equal(session.Address.ToString(), Assert.Single(await ListAsync(session.Address, filter)).Message);
        }
    }

    [Fact]
    public async Task Commit_MemoryChangedAfterwards_IsNotUsedAnyMore()
    {
        var session = Session("s");
        var state = "saved bytes"u8.ToArray();
        var row = HistoryRows.Checkpoint(1).WithState(state) with { Chain = [1, 2, 3] };
        await session.CreateAsync(row);
        var saved = row with { Stored = state.ToArray(), Checksum = [.. row.Checksum], Chain = [1, 2, 3] };
        Array.Clear(state);
        Array.Clear(row.Checksum);
        Array.Clear(row.Chain!);

        HistoryRows.AssertSame(saved, await ReadAsync(session.Address, 1), CheckpointParts.All);
    }

    [Fact]
    public async Task Commit_ManySessionsAndRows_StoresEachWhereItBelongs()
    {
        var sessions = Enumerable.Range(0, 40).Select(i => Session($"s{i}")).ToList();
        var written = new Dictionary<SessionAddress, StoredCheckpoint[]>();
        foreach (var session in sessions)
        {
            written[session.Address] = HistoryRows.Checkpoints(1, 25);
        }

        var batch = SessionScript.Batch(await Task.WhenAll(sessions.Select(s => s.NextAsync(written[s.Address]))));
        Assert.All(await Store.Commits.CommitAsync(batch, Cancel), o => Assert.Equal(CommitStatus.Committed, o.Status));

        foreach (var session in sessions)
        {
            HistoryRows.AssertSame(written[session.Address], await ListAsync(session.Address), CheckpointParts.Summary);
        }
    }

    [Fact]
    public async Task FindOut_EachFate_IsTold()
    {
        var (committed, idle, unborn, superseded) = (Session("a"), Session("b"), Session("c"), Session("d"));
        await idle.CreateAsync(HistoryRows.Checkpoint(1));
        await superseded.CreateAsync(HistoryRows.Checkpoint(1));
        var sent = SessionScript.Batch(
            await committed.NextAsync(HistoryRows.Checkpoint(1)), await superseded.NextAsync(HistoryRows.Checkpoint(2)));
        await Store.Commits.CommitAsync(sent, Cancel);
        superseded.Took(sent);
        await superseded.CreateAsync(HistoryRows.Checkpoint(3));
        var asked = new CommitBatch(
            sent.Id,
            [.. sent.Commits.Append(await idle.NextAsync()).Append(await unborn.NextAsync()).OrderBy(c => c.Head.Key)]);

        var outcomes = await Store.Commits.FindOutAsync(asked, Cancel);

        var found = asked.Commits.Zip(outcomes).ToDictionary(p => p.First.Address, p => p.Second.Status);
        Assert.Equal(CommitStatus.Committed, found[committed.Address]);
        Assert.Equal(CommitStatus.Unavailable, found[idle.Address]);
        Assert.Equal(CommitStatus.Unavailable, found[unborn.Address]);
        Assert.Equal(CommitStatus.Unknown, found[superseded.Address]);
    }

    [Fact]
    public async Task FindOut_NewSessionMadeBySomebodyElse_IsUnknown()
    {
        var (mine, other) = (Session("s"), Session("s"));
        var batch = SessionScript.Batch(await mine.NextAsync(HistoryRows.Checkpoint(1)));
        await other.CreateAsync(HistoryRows.Checkpoint(1));

        Assert.Equal(CommitStatus.Unknown, Assert.Single(await Store.Commits.FindOutAsync(batch, Cancel)).Status);
    }
}
