using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>Vacuums the history's tables, by which rows that were removed leave the tables and their indexes.</summary>
internal static class Vacuum
{
    /// <summary>What silos lock so that one of them vacuums at a time: "vacuu" in ASCII.</summary>
    private const long Lock = 0x7661637575;

    /// <summary>All tables with rows of sessions.</summary>
    public static IReadOnlyList<string> Tables { get; } =
    [
        "sessions", "checkpoints", "checkpoint_tags", "requirements", "annotations", "pending_writes", "effects", "removed_ranges", "trunk_ranges",
        "removed_runs", "lineage", "branches", "forks", "events", "requests", "due_work", "session_labels", "session_activity",
    ];

    /// <summary>
    /// Written anew instead, for a page that is vacuumed keeps the bytes of what was on it until it is written over, and those of a destroyed
    /// key must go. It is small, and whoever reads it meanwhile waits: so at the end, and not for long behind others.
    /// </summary>
    private const string RewriteKeys = "VACUUM (FULL) data_keys";

    /// <summary>
    /// False as long as somebody may still see a key as it was before it was destroyed: then the old row is written anew too. Whoever has a
    /// snapshot is asked for, and whoever's transaction keeps those of others back.
    /// </summary>
    private const string MayRewriteKeys = """
        SELECT NOT EXISTS (
            SELECT 1 FROM data_keys k CROSS JOIN pg_stat_activity a
            WHERE k.destroyed_at IS NOT NULL AND a.pid <> pg_backend_pid()
                AND (age(a.backend_xid) >= age(k.xmin) OR (a.datname = current_database() AND age(a.backend_xmin) >= age(k.xmin))))
        """;

    // Also if few rows are dead: an index keeps what was indexed, tags and names, until it is cleaned.
    private static readonly string Statement = $"VACUUM (INDEX_CLEANUP ON) {string.Join(", ", Tables)}";

    /// <summary>Runs to its end, however long that takes; false if another silo is at it, or a destroyed key is still seen by somebody.</summary>
    public static async Task<bool> RunAsync(PostgreSqlDatabase database, CancellationToken cancellationToken)
    {
        try
        {
            // A connection of its own, for neither a pool's bound on statements nor its number of connections may hold here;
            // the lock goes with it. VACUUM takes care not to be inside a transaction, so each statement is one.
            await using var connection = new NpgsqlConnection(database.ConnectionStringOfItsOwn);
            await connection.OpenAsync(cancellationToken);
            await using var take = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection);
            take.Parameters.AddValue(Lock);
            if (await take.ExecuteScalarAsync(cancellationToken) is false)
            {
                return false;
            }

            // Gently, as autovacuum goes: it must not take the disk from the commits.
            await ExecuteAsync("SET statement_timeout = 0", "SET vacuum_cost_delay = 2", Statement, "SET lock_timeout = '1s'");
            await using var may = new NpgsqlCommand(MayRewriteKeys, connection);
            if (await may.ExecuteScalarAsync(cancellationToken) is false)
            {
                return false;
            }

            await ExecuteAsync(RewriteKeys);
            return true;

            async Task ExecuteAsync(params string[] statements)
            {
                foreach (var sql in statements)
                {
                    await using var command = new NpgsqlCommand(sql, connection);
                    await command.ExecuteNonQueryAsync(cancellationToken);
                }
            }
        }
        catch (Exception e) when (PostgreSqlErrors.IsFailure(e, cancellationToken))
        {
            throw PostgreSqlErrors.Unavailable(e);
        }
    }
}
