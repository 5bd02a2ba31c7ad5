using Forge.Grains.Tests.History;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.PostgreSql;

/// <summary>That the tables are set up for autovacuum to keep pace, and that erased rows leave them.</summary>
public sealed class PostgreSqlSpaceTests : PostgreSqlStoreTest
{
    private readonly Lazy<Task<string>> _database = new(() => PostgreSqlServer.Shared.CreateDatabaseAsync());

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_database.IsValueCreated)
        {
            await PostgreSqlServer.Shared.DropDatabaseAsync(await _database.Value);
        }
    }

    [Fact]
    public async Task Start_Tables_AreVacuumedAfterAFewDeadRows()
    {
        var database = await _database.Value;
        await StartStoreAsync(database);

        foreach (var table in new[]
        {
            "sessions", "checkpoints", "checkpoint_tags", "requirements", "annotations", "removed_ranges", "lineage", "events", "requests", "due_work",
            "session_labels", "session_activity",
        })
        {
            var share = await OptionAsync(database, table, "autovacuum_vacuum_scale_factor");
            Assert.True(share is > 0 and <= 0.1, $"{table} is vacuumed when {share} of it is dead.");
            Assert.InRange((await OptionAsync(database, table, "autovacuum_vacuum_cost_delay"))!.Value, 0, 1);
        }

        foreach (var table in new[] { "checkpoints", "annotations", "requests" })
        {
            Assert.Equal(0.02, await OptionAsync(database, table, "autovacuum_vacuum_scale_factor", toast: true));
        }
    }

    [Fact]
    public async Task Purge_AfterAnErasure_TablesAreEmptyOfIt()
    {
        var database = await _database.Value;
        var store = await StartStoreAsync(database);
        var session = Session(store, "s");
        await session.CreateAsync([.. HistoryRows.Checkpoints(1, 200).Select(r => (r with { Tags = ["t"] }).WithState(new byte[20_000]))]);
        await session.CommitAsync(c => c with
        {
            Head = c.Head with { DeletedAt = HistoryRows.Start },
            Changes = [new Due(DueWorkKind.Erase, HistoryRows.Start)],
        });
        var work = await store.Upkeep.ClaimDueWorkAsync(DueWorkKind.Erase, "o", HistoryRows.Start, TimeSpan.FromMinutes(1), Cancel);
        while (!await store.Upkeep.DoWorkAsync(work!, 500, HistoryRows.Start, Cancel))
        {
        }

        const string size = "SELECT pg_table_size('checkpoints') + pg_relation_size('checkpoint_tags')";
        Assert.True((long)(await PostgreSqlServer.ExecuteAsync(database, size))! > 4_000_000);
        Assert.True(await store.Upkeep.PurgeAsync(Cancel));

        // Nothing but maps of free space: the pages themselves went back to the file system.
        Assert.InRange((long)(await PostgreSqlServer.ExecuteAsync(database, size))!, 0, 100_000);
    }

    [Fact]
    public async Task Purge_EveryTableWithRowsOfSessions_IsVacuumed()
    {
        var database = await _database.Value;
        await StartStoreAsync(database);

        // Where a session's key is, there is what an erasure removes.
        var tables = (string[])(await PostgreSqlServer.ExecuteAsync(database, """
            SELECT array_agg(DISTINCT table_name::text) FROM information_schema.columns
            WHERE table_schema = current_schema() AND column_name = 'session_key'
            """))!;

        Assert.Equal(tables.Order(StringComparer.Ordinal), Vacuum.Tables.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Purge_TableOfDataKeys_IsWrittenAnew()
    {
        const string file = "SELECT pg_relation_filepath('data_keys')";
        var database = await _database.Value;
        var store = await StartStoreAsync(database);
        var before = await PostgreSqlServer.ExecuteAsync(database, file);

        Assert.True(await store.Upkeep.PurgeAsync(Cancel));

        Assert.NotEqual(before, await PostgreSqlServer.ExecuteAsync(database, file));
    }

    private static async Task<double?> OptionAsync(string database, string table, string option, bool toast = false)
    {
        var relation = toast ? $"(SELECT reltoastrelid FROM pg_class WHERE oid = '{table}'::regclass)" : $"'{table}'::regclass";
        var value = await PostgreSqlServer.ExecuteAsync(database, $"""
            SELECT o.option_value::float8 FROM pg_class c, pg_options_to_table(c.reloptions) o
            WHERE c.oid = {relation} AND o.option_name = '{option}'
            """);
        return (double?)value;
    }
}
