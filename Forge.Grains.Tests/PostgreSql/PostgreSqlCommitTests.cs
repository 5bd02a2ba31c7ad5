using Forge.Errors;
using Forge.Grains.Tests.History;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Npgsql;

namespace Forge.Grains.Tests.PostgreSql;

public sealed class PostgreSqlCommitTests : PostgreSqlStoreTest, IAsyncLifetime
{
    private string _database = "";
    private IHistoryStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        _store = await StartStoreAsync(_database);
    }

    [Fact]
    public async Task Commit_HeadRowLockedElsewhere_IsLockedWhileItsNeighboursCommit()
    {
        var sessions = new[] { Session(_store, "a"), Session(_store, "b"), Session(_store, "c") };
        foreach (var session in sessions)
        {
            await session.CreateAsync(HistoryRows.Checkpoint(1));
        }

        await using var other = new NpgsqlConnection(_database);
        await other.OpenAsync(Cancel);
        await using var transaction = await other.BeginTransactionAsync(Cancel);
        await using (var command = new NpgsqlCommand("SELECT version FROM sessions WHERE session = 'b' FOR UPDATE", other))
        {
            await command.ExecuteScalarAsync(Cancel);
        }

        var added = Session(_store, "d");
        SessionCommit[] commits =
            [.. await Task.WhenAll(sessions.Append(added).Select((s, i) => s.NextAsync(HistoryRows.Checkpoint(i < 3 ? 2 : 1))))];
        var batch = SessionScript.Batch(commits);

        var outcomes = await _store.Commits.CommitAsync(batch, Cancel);

        Assert.Equal(
            [CommitStatus.Committed, CommitStatus.Locked, CommitStatus.Committed, CommitStatus.Committed],
            outcomes.Select(o => o.Status));
        await transaction.RollbackAsync(Cancel);
        Assert.Equal([2, 1], await SequencesAsync(_store, sessions[0].Address));
        Assert.Equal([1], await SequencesAsync(_store, sessions[1].Address));
        Assert.Equal([1], await SequencesAsync(_store, added.Address));
        await sessions[1].CommitAsync(commits[1]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    public async Task Commit_PlainCreateWithItsHeadRowLockedElsewhere_IsLockedAndGoesLater(int count)
    {
        var sessions = Enumerable.Range(0, count).Select(i => Session(_store, $"s{i}")).ToArray();
        foreach (var session in sessions)
        {
            await session.CreateAsync(HistoryRows.Checkpoint(1));
        }

        await using var other = new NpgsqlConnection(_database);
        await other.OpenAsync(Cancel);
        await using var transaction = await other.BeginTransactionAsync(Cancel);
        await using (var command = new NpgsqlCommand("SELECT version FROM sessions WHERE session = 's0' FOR UPDATE", other))
        {
            await command.ExecuteScalarAsync(Cancel);
        }

        SessionCommit[] commits = [.. await Task.WhenAll(sessions.Select(s => s.NextAsync(HistoryRows.Checkpoint(2))))];
        var outcomes = await _store.Commits.CommitAsync(SessionScript.Batch(commits), Cancel);

        Assert.Equal(
            sessions.Select((_, i) => i == 0 ? CommitStatus.Locked : CommitStatus.Committed), outcomes.Select(o => o.Status));
        await transaction.RollbackAsync(Cancel);
        Assert.Equal([1], await SequencesAsync(_store, sessions[0].Address));
        await sessions[0].CommitAsync(commits[0]);
        foreach (var session in sessions)
        {
            Assert.Equal([2, 1], await SequencesAsync(_store, session.Address));
        }
    }

    [Fact]
    public async Task Commit_NameBeingTakenElsewhere_IsRejectedAsLocked()
    {
        var session = Session(_store, "s");
        await using var other = new NpgsqlConnection(_database);
        await other.OpenAsync(Cancel);
        await using var transaction = await other.BeginTransactionAsync(Cancel);
        await using (var command = new NpgsqlCommand(
            """
            INSERT INTO sessions (session_key, tenant, session, incarnation, version, last_batch, created_at, last_sequence,
                head_sequence, current_sequence, last_position, checkpoint_count, checkpoint_bytes)
            VALUES (1000000, 'default', 's', 1, 1, gen_random_uuid(), now(), 0, 0, 0, 0, 0, 0)
            """, other))
        {
            await command.ExecuteNonQueryAsync(Cancel);
        }

        var commit = await session.NextAsync(HistoryRows.Checkpoint(1));
        var error = await Assert.ThrowsAsync<BatchRejectedException>(() => _store.Commits.CommitAsync(SessionScript.Batch(commit), Cancel));

        Assert.Equal(CommitStatus.Locked, error.Status);
        await transaction.RollbackAsync(Cancel);
        await session.CommitAsync(commit);
    }

    [Fact]
    public async Task Commit_ErrorAtTheVeryEnd_IsNotTakenForCommitted()
    {
        // Deferred triggers run when the transaction commits, after its statements were answered.
        await PostgreSqlServer.ExecuteAsync(_database, """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
            CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON checkpoints DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW WHEN (new.message = 'refuse') EXECUTE FUNCTION refuse();
            """);
        var session = Session(_store, "s");
        var commit = await session.NextAsync(HistoryRows.Checkpoint(1) with { Message = "refuse" });

        var error = await Assert.ThrowsAsync<UnavailableException>(() => _store.Commits.CommitAsync(SessionScript.Batch(commit), Cancel));

        Assert.Contains("not this one", error.Message, StringComparison.Ordinal);
        Assert.Null(await _store.Reads.ReadHeadAsync(session.Address, Cancel));
    }

    [Fact]
    public async Task Commit_RowThatTheDatabaseRefuses_IsRefused()
    {
        var session = Session(_store, "s");
        var commit = await session.NextAsync(HistoryRows.Checkpoint(1) with { Message = "a\0b" });

        var error = await Assert.ThrowsAsync<BatchRejectedException>(() => _store.Commits.CommitAsync(SessionScript.Batch(commit), Cancel));

        Assert.Equal(CommitStatus.Refused, error.Status);
        Assert.Null(await _store.Reads.ReadHeadAsync(session.Address, Cancel));
    }

    [Fact]
    public async Task Commit_OneRowTwiceInAStatement_IsRefusedForItsSessionAlone()
    {
        var session = Session(_store, "s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        var write = new Wrote(new StoredWrite
        {
            Sequence = 1,
            Task = "t",
            Index = 0,
            Name = "n",
            ContentType = "a/b",
            At = HistoryRows.Start,
            Size = 1,
            Checksum = new byte[32],
            Value = new byte[1],
        });
        var commit = (await session.NextAsync()) with { Changes = [write, write] };

        var error = await Assert.ThrowsAsync<BatchRejectedException>(() => _store.Commits.CommitAsync(SessionScript.Batch(commit), Cancel));

        Assert.Equal(CommitStatus.Refused, error.Status);
    }

    [Fact]
    public async Task Commit_TakingLongerThanAllowed_EndsUnwrittenWithADefiniteAnswer()
    {
        await HoldCreatesAsync(_database, "slow");
        var store = await StartStoreAsync(_database, new() { CommandTimeout = TimeSpan.FromSeconds(1) });
        var session = Session(store, "s");
        var commit = await session.NextAsync(HistoryRows.Checkpoint(1) with { Message = "slow" });

        await Assert.ThrowsAsync<UnavailableException>(() => store.Commits.CommitAsync(SessionScript.Batch(commit), Cancel));

        Assert.Null(await store.Reads.ReadHeadAsync(session.Address, Cancel));
        await session.CreateAsync(HistoryRows.Checkpoint(1));
    }

    [Fact]
    public async Task Commit_ConnectionKilledBeforeItCommitted_IsFoundOutAsNotWritten()
    {
        await HoldCreatesAsync(_database, "held");
        var session = Session(_store, "s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        var batch = SessionScript.Batch(await session.NextAsync(HistoryRows.Checkpoint(2) with { Message = "held" }));
        var commit = _store.Commits.CommitAsync(batch, Cancel);
        var process = await WaitForBackendAsync(_database, "PgSleep");

        await PostgreSqlServer.ExecuteAsync(_database, $"SELECT pg_terminate_backend({process})");

        await Assert.ThrowsAsync<CommitInDoubtException>(() => commit);
        Assert.Equal(CommitStatus.Unavailable, await FindOutAsync(_store, batch));
        Assert.Equal([1], await SequencesAsync(_store, session.Address));
        await session.CreateAsync(HistoryRows.Checkpoint(2));
    }

    [Fact]
    public async Task FindOut_NewSessionStillBeingMade_WaitsForIt()
    {
        var session = Session(_store, "s");
        var batch = SessionScript.Batch(await session.NextAsync(HistoryRows.Checkpoint(1)));
        await using var other = new NpgsqlConnection(_database);
        await other.OpenAsync(Cancel);
        await using var transaction = await other.BeginTransactionAsync(Cancel);
        await using (var command = new NpgsqlCommand(
            $"""
            INSERT INTO sessions (session_key, tenant, session, incarnation, version, last_batch, created_at, last_sequence,
                head_sequence, current_sequence, last_position, checkpoint_count, checkpoint_bytes)
            VALUES ({batch.Commits[0].Head.Key}, 'default', 's', 1, 1, '{batch.Id}', now(), 0, 0, 0, 0, 0, 0)
            """, other))
        {
            await command.ExecuteNonQueryAsync(Cancel);
        }

        var found = FindOutAsync(_store, batch);
        await WaitForBackendAsync(_database, "transactionid");
        Assert.False(found.IsCompleted);
        await transaction.CommitAsync(Cancel);

        Assert.Equal(CommitStatus.Committed, await found);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await PostgreSqlServer.Shared.DropDatabaseAsync(_database);
    }
}
