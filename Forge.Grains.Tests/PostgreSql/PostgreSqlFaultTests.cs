using System.Diagnostics;
using System.Globalization;
using Forge.Errors;
using Forge.Grains.Tests.History;
using Forge.History.Changes;
using Forge.History.Stores;
using Forge.Testing.PostgreSql;

namespace Forge.Grains.Tests.PostgreSql;

/// <summary>Tests that do to their server what the others' must not suffer.</summary>
public sealed class PostgreSqlFaultTests : PostgreSqlStoreTest
{
    private readonly DatabaseServer _server = PostgreSqlServer.StartPrivate();

    [Fact]
    public async Task Commit_ConnectionKilledAfterItCommitted_IsFoundOutAsCommitted()
    {
        var database = await _server.CreateDatabaseAsync();
        var store = await StartStoreAsync(database);
        var session = Session(store, "s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));

        // Commits are written, and then wait for a standby that never comes.
        await PostgreSqlServer.ExecuteAsync(database, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
        await PostgreSqlServer.ExecuteAsync(database, "SELECT pg_reload_conf()");
        while (await PostgreSqlServer.ExecuteAsync(database, "SHOW synchronous_standby_names") is not "nobody")
        {
        }

        var batch = SessionScript.Batch(await session.NextAsync(HistoryRows.Checkpoint(2)));
        var commit = store.Commits.CommitAsync(batch, Cancel);
        var process = await WaitForBackendAsync(database, "SyncRep");
        await PostgreSqlServer.ExecuteAsync(database, $"SELECT pg_terminate_backend({process})");

        await Assert.ThrowsAsync<CommitInDoubtException>(() => commit);
        Assert.Equal(CommitStatus.Committed, await FindOutAsync(store, batch));
        Assert.Equal([2, 1], await SequencesAsync(store, session.Address));
    }

    [Fact]
    public async Task FindOut_ServerProcessThatHasNotReadTheCommitYet_AnswersOnlyOnceItNeverWill()
    {
        var database = await _server.CreateDatabaseAsync();
        var store = await StartStoreAsync(database, new() { CommandTimeout = TimeSpan.FromSeconds(1) });
        var session = Session(store, "s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        var batch = SessionScript.Batch(await session.NextAsync(HistoryRows.Checkpoint(2)));
        var process = (int)(await PostgreSqlServer.ExecuteAsync(
            database, "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%INTO feed%'"))!;
        Signal("STOP", process);
        try
        {
            await Assert.ThrowsAsync<CommitInDoubtException>(() => store.Commits.CommitAsync(batch, Cancel));

            // The row is as it was and free, and yet nothing is known: the commit still lies before the process.
            await Assert.ThrowsAsync<UnavailableException>(() => FindOutAsync(store, batch));
        }
        finally
        {
            Signal("CONT", process);
        }

        Assert.Equal(CommitStatus.Unavailable, await FindOutAsync(store, batch));
        Assert.Equal([1], await SequencesAsync(store, session.Address));
        await session.CreateAsync(HistoryRows.Checkpoint(2));
    }

    [Fact]
    public async Task Store_ServerKilledAndStartedAgain_LosesNothingAndGoesOn()
    {
        var database = await _server.CreateDatabaseAsync();
        var store = await StartStoreAsync(database);
        var session = Session(store, "s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await session.CreateAsync(HistoryRows.Checkpoint(2));
        var saved = session.Head;
        await store.Reads.ReadHeadAsync(session.Address, Cancel);

        _server.Kill();
        await Assert.ThrowsAsync<UnavailableException>(() => store.Reads.ReadHeadAsync(session.Address, Cancel));
        await Assert.ThrowsAsync<UnavailableException>(() => store.PingAsync(Cancel));
        var lost = SessionScript.Batch(await session.NextAsync(HistoryRows.Checkpoint(3)));
        var first = await Record.ExceptionAsync(() => store.Commits.CommitAsync(lost, Cancel));
        Assert.True(first is CommitInDoubtException or UnavailableException, $"{first}");
        await Assert.ThrowsAsync<UnavailableException>(() => store.Commits.CommitAsync(lost, Cancel));
        await Assert.ThrowsAsync<UnavailableException>(() => store.Commits.FindOutAsync(lost, Cancel));

        _server.Start();

        Assert.Equal(CommitStatus.Unavailable, await FindOutAsync(store, lost));
        HistoryRows.AssertSame(saved!, (await store.Reads.ReadHeadAsync(session.Address, Cancel))?.Head);
        await session.CreateAsync(HistoryRows.Checkpoint(3));
        Assert.Equal([3, 2, 1], await SequencesAsync(store, session.Address));
    }

    [Fact]
    public async Task Read_ConnectionsClosedByARestart_AsksOnceMore()
    {
        var database = await _server.CreateDatabaseAsync();
        var store = await StartStoreAsync(database);
        var session = Session(store, "s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await store.Reads.ReadHeadAsync(session.Address, Cancel);
        _server.Kill();
        _server.Start();

        HistoryRows.AssertSame(session.Head!, (await store.Reads.ReadHeadAsync(session.Address, Cancel))?.Head);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DisposeAsync();
    }

    private static void Signal(string signal, int process)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
