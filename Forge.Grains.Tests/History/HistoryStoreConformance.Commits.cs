using Forge.Checkpoints;
using Forge.Grains.History;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Fact]
    public async Task Commit_OneCreateAlone_StoresHeadAndRowAsGiven()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        var row = HistoryRows.FullCheckpoint(2) with { Tags = [] };
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

        await session.CommitAsync(commit);

        HistoryRows.AssertSame(session.Head!, (await Store.ReadHeadAsync(session.Address, Cancel))?.Head);
        HistoryRows.AssertSame(
            row, await ReadAsync(session.Address, 2, CheckpointParts.Summary), CheckpointParts.Summary);
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

        var read = await Store.ReadHeadAsync(session.Address, Cancel);
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
        Assert.Empty(await Store.CommitAsync(SessionScript.Batch(), Cancel));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Commit_OtherVersionThanExpected_IsConflictAndWritesNothing(long expected)
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await session.CreateAsync(HistoryRows.Checkpoint(2));
        var request = HistoryRows.Request(Guid.NewGuid(), HistoryRows.Start);
        var next = await session.NextAsync(HistoryRows.Checkpoint(3));
        var late = next with
        {
            ExpectedVersion = expected,
            Head = next.Head with { Version = expected + 1, Key = expected == 0 ? await Store.NextSessionKeyAsync(Cancel) : session.Key },
            TagChanges = [new TagChange(1, ["late"])],
            Annotations = [new NewAnnotation(1, 9, HistoryRows.Start, AnnotationSeverity.Info, "late")],
            Deletes = [2],
            Removals = [new SequenceRange(1, 1)],
            Trunks = [1],
            Requests = [request],
            DueWork = [new NewDueWork(DueWorkKind.Reclaim, HistoryRows.Start)],
        };

        Assert.Equal(CommitStatus.Conflict, await TryCommitAsync(late));

        HistoryRows.AssertSame(session.Head!, await HeadAsync(session.Address));
        Assert.Equal([1, 2], await SequencesAsync(session.Address));
        var first = await ReadAsync(session.Address, 1);
        Assert.Empty(first!.Tags);
        Assert.Empty(first.Annotations);
        Assert.False(first.Trunk);
        Assert.Null((await Store.ReadRequestAsync(session.Address, request.Id, HistoryRows.Start, Cancel)).Value);
        Assert.Null(await Store.ClaimDueWorkAsync("o", HistoryRows.Start.AddYears(1), TimeSpan.FromMinutes(1), Cancel));
        await session.CreateAsync(HistoryRows.Checkpoint(3));
    }

    [Fact]
    public async Task Commit_VersionOfSessionThatIsNotThere_IsConflict()
    {
        var session = Session("s");
        var commit = await session.NextAsync(HistoryRows.Checkpoint(1));

        Assert.Equal(CommitStatus.Conflict, await TryCommitAsync(commit with
        {
            ExpectedVersion = 4,
            Head = commit.Head with { Version = 5 },
        }));

        Assert.Null(await HeadAsync(session.Address));
    }

    [Fact]
    public async Task Commit_ConflictInBatch_HitsItsOwnSessionOnly()
    {
        var (a, b, c) = (Session("a"), Session("b"), Session("c"));
        await a.CreateAsync(HistoryRows.Checkpoint(1));
        await b.CreateAsync(HistoryRows.Checkpoint(1));
        var late = await b.NextAsync(HistoryRows.Checkpoint(2));
        await b.CreateAsync(HistoryRows.Checkpoint(2));
        var batch = SessionScript.Batch(
            await a.NextAsync(HistoryRows.Checkpoint(2)), late, await c.NextAsync(HistoryRows.Checkpoint(1)));

        var outcomes = await Store.CommitAsync(batch, Cancel);

        Assert.Equal(
            batch.Commits.Select(x => x.Address == b.Address ? CommitStatus.Conflict : CommitStatus.Committed),
            outcomes.Select(o => o.Status));
        a.Took(batch);
        c.Took(batch);
        HistoryRows.AssertSame(a.Head!, await HeadAsync(a.Address));
        HistoryRows.AssertSame(b.Head!, await HeadAsync(b.Address));
        HistoryRows.AssertSame(c.Head!, await HeadAsync(c.Address));
        Assert.Equal([1, 2], await SequencesAsync(b.Address));
        Assert.Equal(b.Head!.LastSequence, (await ReadAsync(b.Address, default))!.Sequence);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(12)]
    public async Task Commit_PlainCreatesOfWhichOneIsLate_HitsItsOwnSessionOnly(int count)
    {
        var sessions = Enumerable.Range(0, count).Select(i => Session($"plain-{i}")).ToArray();
        foreach (var session in sessions)
        {
            await session.CreateAsync(HistoryRows.Checkpoint(1));
        }

        var late = await sessions[1].NextAsync(HistoryRows.Checkpoint(2));
        await sessions[1].CreateAsync(HistoryRows.Checkpoint(2));
        List<SessionCommit> commits = [late];
        foreach (var session in sessions.Where(s => s != sessions[1]))
        {
            commits.Add(await session.NextAsync(HistoryRows.Checkpoint(2)));
        }

        var batch = SessionScript.Batch([.. commits]);

        var outcomes = await Store.CommitAsync(batch, Cancel);

        Assert.Equal(
            batch.Commits.Select(x => x.Address == sessions[1].Address ? CommitStatus.Conflict : CommitStatus.Committed),
            outcomes.Select(o => o.Status));
        foreach (var session in sessions)
        {
            if (session != sessions[1])
            {
                session.Took(batch);
            }

            HistoryRows.AssertSame(session.Head!, await HeadAsync(session.Address));
            Assert.Equal([1, 2], await SequencesAsync(session.Address));
        }
    }

    [Fact]
    public async Task Commit_NewSessionMadeByManyAtOnce_IsCommittedOnce()
    {
        var address = HistoryRows.Address("raced");
        var attempts = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            var commit = await new SessionScript(Store, address).NextAsync(HistoryRows.Checkpoint(1));
            return (commit, status: await Task.Run(() => TryCommitAsync(commit), Cancel));
        }));

        var winner = Assert.Single(attempts, a => a.status == CommitStatus.Committed);
        Assert.All(attempts.Where(a => a != winner), a => Assert.Equal(CommitStatus.Conflict, a.status));
        Assert.Equal(winner.commit.Head.Key, (await HeadAsync(address))!.Key);
        Assert.Equal(winner.commit.Creates[0].Id, Assert.Single(await ListAsync(address)).Id);
    }

    [Fact]
    public async Task Commit_SameVersionByManyAtOnce_IsCommittedOnce()
    {
        var session = Session("raced");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        var commits = new List<SessionCommit>();
        for (var i = 0; i < 16; i++)
        {
            commits.Add(await session.NextAsync(HistoryRows.Checkpoint(2)));
        }

        var statuses = await Task.WhenAll(commits.Select(c => Task.Run(() => TryCommitAsync(c), Cancel)));

        Assert.Equal(1, statuses.Count(s => s == CommitStatus.Committed));
        Assert.Equal(15, statuses.Count(s => s == CommitStatus.Conflict));
        var winner = commits[Array.IndexOf(statuses, CommitStatus.Committed)];
        Assert.Equal(winner.Creates[0].Id, (await ReadAsync(session.Address, default))!.Id);
        Assert.Equal([1, 2], await SequencesAsync(session.Address));
    }

    [Fact]
    public async Task Commit_CheckpointIdThatIsThere_RollsBackTheWholeBatch()
    {
        var (a, b) = (Session("a"), Session("b"));
        var first = HistoryRows.Checkpoint(1);
        await a.CreateAsync(first);
        var batch = new[]
        {
            await a.NextAsync(HistoryRows.Checkpoint(2), HistoryRows.Checkpoint(3) with { Id = first.Id }),
            await b.NextAsync(HistoryRows.Checkpoint(1)),
        };

        var error = await RejectedAsync(batch);

        Assert.Equal(CommitStatus.Duplicate, error.Status);
        Assert.NotNull(error.InnerException);
        HistoryRows.AssertSame(a.Head!, await HeadAsync(a.Address));
        Assert.Equal([1], await SequencesAsync(a.Address));
        Assert.Null(await HeadAsync(b.Address));
        await b.CommitAsync(batch[1]);
        await a.CreateAsync(HistoryRows.Checkpoint(2));
    }

    [Fact]
    public async Task Commit_RequestIdThatIsThere_RollsBackTheWholeBatch()
    {
        var (a, b) = (Session("a"), Session("b"));
        var request = HistoryRows.Request(Guid.NewGuid(), HistoryRows.Start);
        await a.CommitAsync(c => c with { Requests = [request] });
        var again = await a.NextAsync(HistoryRows.Checkpoint(1)) with { Requests = [request with { Outcome = "{}" }] };

        var error = await RejectedAsync(again, await b.NextAsync(HistoryRows.Checkpoint(1)));

        Assert.Equal(CommitStatus.Duplicate, error.Status);
        Assert.Empty(await ListAsync(a.Address));
        Assert.Null(await HeadAsync(b.Address));
        HistoryRows.AssertSame(a.Head!, await HeadAsync(a.Address));
        Assert.Equal(request, (await Store.ReadRequestAsync(a.Address, request.Id, HistoryRows.Start, Cancel)).Value);
    }

    [Fact]
    public async Task Commit_SameIdsInTwoSessions_AreCommitted()
    {
        var (a, b) = (Session("a"), Session("b"));
        var row = HistoryRows.Checkpoint(1);
        var request = HistoryRows.Request(Guid.NewGuid(), HistoryRows.Start);
        await a.CommitAsync(await a.NextAsync(row) with { Requests = [request] });
        await b.CommitAsync(await b.NextAsync(row) with { Requests = [request] });

        Assert.Equal(row.Id, (await ReadAsync(a.Address, row.Id))!.Id);
        Assert.Equal(row.Id, (await ReadAsync(b.Address, row.Id))!.Id);
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

        await sessions[0].CommitAsync(c => c with { Removals = [new SequenceRange(1, 1)] });
        await sessions[1].CommitAsync(c => c with { Deletes = [1] });
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
        Assert.All(await Store.CommitAsync(batch, Cancel), o => Assert.Equal(CommitStatus.Committed, o.Status));

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
        await Store.CommitAsync(sent, Cancel);
        superseded.Took(sent);
        await superseded.CreateAsync(HistoryRows.Checkpoint(3));
        var asked = new CommitBatch(
            sent.Id,
            [.. sent.Commits.Append(await idle.NextAsync()).Append(await unborn.NextAsync()).OrderBy(c => c.Head.Key)]);

        var outcomes = await Store.FindOutAsync(asked, Cancel);

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

        Assert.Equal(CommitStatus.Unknown, Assert.Single(await Store.FindOutAsync(batch, Cancel)).Status);
    }
}
