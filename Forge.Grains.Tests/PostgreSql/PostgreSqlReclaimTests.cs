using Forge.Grains.Tests.History;
using Forge.Grains.Tests.History.Reclaiming;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;
using Npgsql;

namespace Forge.Grains.Tests.PostgreSql;

public sealed class PostgreSqlReclaimTests : PostgreSqlStoreTest
{
    [Fact]
    public async Task DoWork_LastStepMeetsACommitThatAddsARange_WaitsAndLeavesTheWork()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var store = await StartStoreAsync(database);
        var session = Session(store, "s");
        var due = new Due(DueWorkKind.Reclaim, HistoryRows.Start);
        await session.CreateAsync(HistoryRows.Checkpoints(1, 6));
        await session.CommitAsync(c => c with { Changes = [new RangeRemoved(new SequenceRange(1, 2)), due] });
        var work = await store.Upkeep.ClaimDueWorkAsync("o", HistoryRows.Start, TimeSpan.FromMinutes(1), Cancel);
        Assert.NotNull(work);

        // The commit of the second range has done all its statements and stays uncommitted for as long as the gate is shut.
        await PostgreSqlServer.ExecuteAsync(database, """
            CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                WHILE NOT pg_try_advisory_xact_lock(42) LOOP PERFORM pg_sleep(0.01); END LOOP; RETURN null; END $$;
            CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON removed_ranges DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION gate();
            """);
        await using var gate = new NpgsqlConnection(database);
        await gate.OpenAsync(Cancel);
        await using var shut = new NpgsqlCommand("SELECT pg_advisory_lock(42)", gate);
        await shut.ExecuteNonQueryAsync(Cancel);
        var commit = session.CommitAsync(c => c with { Changes = [new RangeRemoved(new SequenceRange(4, 5)), due] });
        await WaitForBackendAsync(database, "PgSleep");

        var step = store.Upkeep.DoWorkAsync(work, 10, HistoryRows.Start.AddYears(1), Cancel);
        var waiting = WaitForBackendAsync(database, "transactionid");
        await Task.WhenAny(step, waiting);
        Assert.False(step.IsCompleted);
        await waiting;
        await using var open = new NpgsqlCommand("SELECT pg_advisory_unlock(42)", gate);
        await open.ExecuteNonQueryAsync(Cancel);
        await commit;

        Assert.False(await step);
        Assert.True(await store.Upkeep.DoWorkAsync(work, 10, HistoryRows.Start.AddYears(1), Cancel));
        Assert.Equal([6, 3], await SequencesAsync(store, session.Address));
        Assert.Equal(0L, await PostgreSqlServer.ExecuteAsync(
            database, "SELECT (SELECT count(*) FROM removed_ranges) + (SELECT count(*) FROM due_work)"));
    }

    [Fact]
    public async Task DoWork_ReclaimOfManyRanges_DropsThoseThatItEmptied()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await ReclaimedRanges.AssertDroppedAsync(
            await StartStoreAsync(database),
            async () => (long)(await PostgreSqlServer.ExecuteAsync(database, "SELECT count(*) FROM removed_ranges"))!);
    }

    [Fact]
    public async Task DoWork_ReclaimOfAllInARangeOfTrunks_DropsIt()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await ReclaimedRanges.AssertTrunksDroppedAsync(
            await StartStoreAsync(database),
            async () => (long)(await PostgreSqlServer.ExecuteAsync(database, "SELECT count(*) FROM trunk_ranges"))!);
    }

    [Fact]
    public async Task DoWork_EraseMeetsAStepOfReclaimingThatRemembersCreates_WaitsAndTakesThemToo()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var store = await StartStoreAsync(database);
        var session = Session(store, "s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 6));
        await session.CommitAsync(c => c with
        {
            Changes = [new RangeRemoved(new SequenceRange(1, 2)), new Due(DueWorkKind.Reclaim, HistoryRows.Start)],
        });
        var reclaim = await store.Upkeep.FindDueWorkAsync(DueWorkKind.Reclaim, session.Key, Cancel);

        // The step saw the session alive, has remembered its creates, and is not committed.
        await using var other = new NpgsqlConnection(database);
        await other.OpenAsync(Cancel);
        await using var step = await other.BeginTransactionAsync(Cancel);
        await using var remember = new NpgsqlCommand($"""
            SELECT work_id FROM due_work WHERE work_id = {reclaim!.Id} FOR KEY SHARE;
            INSERT INTO requests (session_key, id, at, kind, outcome) SELECT session_key, id, created_at, 'k', 'o' FROM checkpoints
            """, other, step);
        await remember.ExecuteNonQueryAsync(Cancel);
        await session.CommitAsync(c => c with
        {
            Head = c.Head with { DeletedAt = HistoryRows.Start },
            Changes = [new Due(DueWorkKind.Erase, HistoryRows.Start)],
        });
        var erase = (await store.Upkeep.FindDueWorkAsync(DueWorkKind.Erase, session.Key, Cancel))!;

        var erasing = store.Upkeep.DoWorkAsync(erase, 100, HistoryRows.Start, Cancel);
        var waiting = WaitForBackendAsync(database, "transactionid");
        await Task.WhenAny(erasing, waiting);
        Assert.False(erasing.IsCompleted);
        await step.CommitAsync(Cancel);

        Assert.True(await erasing);
        Assert.Equal(0L, await PostgreSqlServer.ExecuteAsync(database, "SELECT count(*) FROM requests"));
        Assert.True(await store.Upkeep.DoWorkAsync(reclaim, 100, HistoryRows.Start, Cancel));
    }

    [Fact]
    public async Task DoWork_RowsThatItFoundGoneMeanwhile_IsNotTakenForTheEnd()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var store = await StartStoreAsync(database);
        var key = await store.Commits.NextSessionKeyAsync(Cancel);
        await store.Staging.BeginAsync(key, HistoryRows.Start, Cancel);
        await store.Staging.StageAsync(key, HistoryRows.Checkpoints(1, 4), Cancel);
        var work = await store.Upkeep.ClaimDueWorkAsync("o", HistoryRows.Start, TimeSpan.FromMinutes(1), Cancel);
        Assert.NotNull(work);

        // As the step of another silo would that has the same work.
        await using var other = new NpgsqlConnection(database);
        await other.OpenAsync(Cancel);
        await using var transaction = await other.BeginTransactionAsync(Cancel);
        await using var delete = new NpgsqlCommand("DELETE FROM checkpoints WHERE sequence <= 2", other, transaction);
        await delete.ExecuteNonQueryAsync(Cancel);
        var step = store.Upkeep.DoWorkAsync(work, 2, HistoryRows.Start, Cancel);
        await WaitForBackendAsync(database, "transactionid");
        await transaction.CommitAsync(Cancel);

        Assert.False(await step);
        Assert.True(await store.Upkeep.DoWorkAsync(work, 3, HistoryRows.Start, Cancel));
        Assert.Equal(0L, await PostgreSqlServer.ExecuteAsync(
            database, "SELECT (SELECT count(*) FROM checkpoints) + (SELECT count(*) FROM due_work)"));
    }
}
