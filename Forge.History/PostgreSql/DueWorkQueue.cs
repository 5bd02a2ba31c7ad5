using Forge.History.Changes;
using Forge.History.Stores;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>Hands out due work, and forgets requests that are too old to be repeated.</summary>
internal sealed class DueWorkQueue(PostgreSqlDatabase database)
{
    public Task<DueWork?> ClaimAsync(
        DueWorkKind kind, string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken) =>
        database.Work.ChangeAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(
                    """
                    UPDATE due_work SET claimed_by = $1, claimed_until = $3
                    WHERE work_id = (
                        SELECT work_id FROM due_work
                        WHERE kind = $4 AND due_at <= $2 AND (claimed_until IS NULL OR claimed_until < $2)
                        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
                    RETURNING work_id, kind, session_key, noted, cursor
                    """, connection);
                command.Parameters.AddValue(owner);
                command.Parameters.AddValue(now);
                command.Parameters.AddValue(now + lease);
                command.Parameters.AddValue((short)kind);
                return await ReadAsync(command, token);
            },
            cancellationToken);

    public Task<int> ForgetRequestsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        database.Work.ChangeAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(
                    """
                    DELETE FROM requests WHERE ctid = ANY (ARRAY(
                        SELECT ctid FROM requests WHERE at < $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED))
                    """, connection);
                command.Parameters.AddValue(before);
                command.Parameters.AddValue(limit);
                return await command.ExecuteNonQueryAsync(token);
            },
            cancellationToken);

    /// <summary>The one piece of work that a statement answers with; null for none.</summary>
    public static async Task<DueWork?> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new DueWork(
                reader.GetInt64(0), (DueWorkKind)reader.GetInt16(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4))
            : null;
    }
}
