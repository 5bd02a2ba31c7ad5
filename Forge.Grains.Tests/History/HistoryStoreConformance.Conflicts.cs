using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
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
            Head = next.Head with { Version = expected + 1, Key = expected == 0 ? await Store.Commits.NextSessionKeyAsync(Cancel) : session.Key },
            Changes =
            [
                .. next.Changes,
                new Tagged(1, ["late"]),
                new Annotated(new NewAnnotation(1, 9, HistoryRows.Start, AnnotationSeverity.Info, "late")),
                new TrunksMarked(new SequenceRange(1, 1)),
                new Removed(2),
                new RangeRemoved(new SequenceRange(1, 1)),
                new Remembered(request),
                new Due(DueWorkKind.Reclaim, HistoryRows.Start),
            ],
        };

        Assert.Equal(CommitStatus.Conflict, await TryCommitAsync(late));

        HistoryRows.AssertSame(session.Head!, await HeadAsync(session.Address));
        Assert.Equal([1, 2], await SequencesAsync(session.Address));
        var first = await ReadAsync(session.Address, 1);
        Assert.Empty(first!.Row.Tags);
        Assert.Empty(first.Annotations);
        Assert.Empty(await TrunksAsync(session.Address));
        Assert.Null(await Store.Reads.ReadRequestAsync(session.Address, request.Id, Cancel));
        Assert.Null(await Store.Upkeep.ClaimDueWorkAsync("o", HistoryRows.Start.AddYears(1), TimeSpan.FromMinutes(1), Cancel));
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

        var outcomes = await Store.Commits.CommitAsync(batch, Cancel);

        Assert.Equal(
            batch.Commits.Select(x => x.Address == b.Address ? CommitStatus.Conflict : CommitStatus.Committed),
            outcomes.Select(o => o.Status));
        a.Took(batch);
        c.Took(batch);
        HistoryRows.AssertSame(a.Head!, await HeadAsync(a.Address));
        HistoryRows.AssertSame(b.Head!, await HeadAsync(b.Address));
        HistoryRows.AssertSame(c.Head!, await HeadAsync(c.Address));
        Assert.Equal([1, 2], await SequencesAsync(b.Address));
        Assert.Equal(b.Head!.LastSequence, (await ReadAsync(b.Address, default))!.Row.Sequence);
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

        var outcomes = await Store.Commits.CommitAsync(batch, Cancel);

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
        Assert.Equal(winner.Creates[0].Id, (await ReadAsync(session.Address, default))!.Row.Id);
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
        await a.CommitAsync(c => c with { Changes = [new Remembered(request)] });
        var again = (await a.NextAsync(HistoryRows.Checkpoint(1))).Having(new Remembered(request with { Outcome = "{}" }));

        var error = await RejectedAsync(again, await b.NextAsync(HistoryRows.Checkpoint(1)));

        Assert.Equal(CommitStatus.Duplicate, error.Status);
        Assert.Empty(await ListAsync(a.Address));
        Assert.Null(await HeadAsync(b.Address));
        HistoryRows.AssertSame(a.Head!, await HeadAsync(a.Address));
        Assert.Equal(request, await Store.Reads.ReadRequestAsync(a.Address, request.Id, Cancel));
    }
}
