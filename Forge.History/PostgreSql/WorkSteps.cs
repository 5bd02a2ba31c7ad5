using Forge.History.Changes;
using Forge.History.Reclaiming;
using Forge.History.Stores;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>One step of due work in one short transaction. A step may be done twice, and by two silos at once.</summary>
internal sealed class WorkSteps(PostgreSqlDatabase database)
{
    /// <summary>Rows until the bytes before a row reach the bound: the first one always.</summary>
    private const string SomeCheckpoints = """
        SELECT c.ctid FROM (
            SELECT f.ctid, sum(f.stored_size) OVER (ORDER BY f.sequence ROWS UNBOUNDED PRECEDING) - f.stored_size AS before
            FROM (
                SELECT ctid, sequence, stored_size FROM checkpoints WHERE session_key = $1 ORDER BY sequence LIMIT $2) f) c
        WHERE c.before < $3
        """;

    private static readonly string[] StagedTables = ["checkpoints", "checkpoint_tags", "annotations"];

    private static readonly string[] SessionTables = [.. StagedTables, "removed_ranges", "removed_runs", "events", "requests"];

    public Task<bool> DoAsync(DueWork work, int limit, DateTimeOffset rememberSince, CancellationToken cancellationToken) =>
        database.Work.ChangeAsync(
            (connection, token) => DoAsync(connection, work, limit, rememberSince, token), cancellationToken);

    private static async Task<bool> DoAsync(
        NpgsqlConnection connection, DueWork work, int limit, DateTimeOffset rememberSince, CancellationToken cancellationToken)
    {
        bool nothingLeft;
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            if (!await HoldAsync(connection, work, cancellationToken))
            {
                return true;
            }

            nothingLeft = work.Kind switch
            {
                DueWorkKind.Reclaim => await Reclaim.StepAsync(connection, work.SessionKey, limit, rememberSince, cancellationToken),
                DueWorkKind.Staging => await RemoveAsync(connection, work.SessionKey, StagedTables, limit, cancellationToken),
                DueWorkKind.Erase => await RemoveAsync(connection, work.SessionKey, SessionTables, limit, cancellationToken),
                _ => throw new InvalidOperationException($"There is no work of kind {work.Kind}."),
            };
            await transaction.CommitAsync(cancellationToken);
        }

        return nothingLeft && await EndAsync(connection, work, cancellationToken);
    }

    /// <summary>
    /// Keeps the work from going while the step runs; false where it is gone. What it is for is looked at too: staged rows
    /// that a session took over and a session that lives are never removed, whatever the work says.
    /// </summary>
    private static async Task<bool> HoldAsync(NpgsqlConnection connection, DueWork work, CancellationToken cancellationToken)
    {
        // No stronger lock: a commit that adds to the work must not wait for the step.
        var subject = work.Kind switch
        {
            DueWorkKind.Staging => " AND NOT EXISTS (SELECT FROM sessions s WHERE s.session_key = $3)",
            DueWorkKind.Erase => " AND EXISTS (SELECT FROM sessions s WHERE s.session_key = $3 AND s.deleted_at IS NOT NULL)",
            _ => "",
        };
        await using var command = new NpgsqlCommand(
            $"SELECT work_id FROM due_work WHERE work_id = $1 AND kind = $2 AND session_key = $3{subject} FOR KEY SHARE",
            connection);
        AddWork(command, work);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    /// <summary>Removes some rows of each table; true where none is left in any.</summary>
    private static async Task<bool> RemoveAsync(
        NpgsqlConnection connection, long key, string[] tables, int limit, CancellationToken cancellationToken)
    {
        await using var statements = new NpgsqlBatch(connection);
        foreach (var table in tables)
        {
            var ofCheckpoints = table == "checkpoints";
            var rows = ofCheckpoints ? SomeCheckpoints : $"SELECT ctid FROM {table} WHERE session_key = $1 LIMIT $2";
            var command = new NpgsqlBatchCommand($"DELETE FROM {table} WHERE ctid = ANY (ARRAY({rows}))");
            command.Parameters.AddValue(key);
            command.Parameters.AddValue(limit);
            if (ofCheckpoints)
            {
                command.Parameters.AddValue(WorkStep.StoredBytes);
            }

            statements.BatchCommands.Add(command);
        }

        // Not told from how many rows went: another silo may have removed the ones that this step had found.
        var look = new NpgsqlBatchCommand(
            $"SELECT {string.Join(" OR ", tables.Select(table => $"EXISTS (SELECT FROM {table} WHERE session_key = $1)"))}");
        look.Parameters.AddValue(key);
        statements.BatchCommands.Add(look);
        return await statements.ExecuteScalarAsync(cancellationToken) is false;
    }

    /// <summary>Removes the work, where nothing was added to it since.</summary>
    private static async Task<bool> EndAsync(NpgsqlConnection connection, DueWork work, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // First this row, then the look at the ranges. Commits that add ranges lock or insert this row before they commit:
        // one that did so earlier is waited for here, and its ranges are seen below; one that comes later waits, finds no
        // row, and inserts its own. The other way round a range could be left with no work to reclaim it.
        await using (var command = new NpgsqlCommand(
            "DELETE FROM due_work WHERE work_id = $1 AND kind = $2 AND session_key = $3", connection))
        {
            AddWork(command, work);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        if (work.Kind == DueWorkKind.Reclaim && !await Reclaim.DropRangesAsync(connection, work.SessionKey, cancellationToken))
        {
            await transaction.RollbackAsync(cancellationToken);
            return false;
        }

        if (work.Kind == DueWorkKind.Erase)
        {
            await NotePurgeAsync(connection, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Notes that removed rows are to be made unreadable; again where that was begun before they went.</summary>
    private static async Task NotePurgeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO due_work (kind, session_key, due_at) VALUES ($1, 0, '-infinity')
            ON CONFLICT (kind, session_key) DO UPDATE SET noted = due_work.noted + 1
            """, connection);
        command.Parameters.AddValue((short)DueWorkKind.Purge);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void AddWork(NpgsqlCommand command, DueWork work)
    {
        command.Parameters.AddValue(work.Id);
        command.Parameters.AddValue((short)work.Kind);
        command.Parameters.AddValue(work.SessionKey);
    }
}
