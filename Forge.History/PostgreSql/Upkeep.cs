using Forge.History.Changes;
using Forge.History.Stores;
using Forge.Identity;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>The walk over all sessions, and the work that is not done by removing rows of checkpoints.</summary>
internal sealed class Upkeep(PostgreSqlDatabase database)
{
    private const string FindAddress = "SELECT tenant, session FROM sessions WHERE session_key = $1";

    private const string FindWork =
        "SELECT work_id, kind, session_key, noted, cursor FROM due_work WHERE kind = $1 AND session_key = $2";

    /// <summary>The row is locked by the first statement, so both see whether it was noted again.</summary>
    private const string EndWork = "DELETE FROM due_work WHERE work_id = $1 AND noted = $2";

    private const string PostponeWork = """
        UPDATE due_work SET claimed_by = NULL, claimed_until = NULL,
            due_at = CASE WHEN noted = $2 THEN $3 ELSE least($3, $4) END
        WHERE work_id = $1
        """;

    private const string FindSessions = """
        SELECT session_key, tenant, session, settings, created_at, last_created_at, checkpoint_count, last_position
        FROM sessions WHERE session_key > $1 AND deleted_at IS NULL ORDER BY session_key LIMIT $2
        """;

    private const string MoveOn = """
        UPDATE due_work SET cursor = $3, due_at = $4, claimed_by = NULL, claimed_until = NULL
        WHERE work_id = $1 AND cursor = $2
        """;

    private const string NoteFound = """
        INSERT INTO due_work (kind, session_key, due_at)
        SELECT x.* FROM unnest($1::smallint[], $2::bigint[], $3::timestamptz[]) AS x (kind, session_key, due_at)
        ORDER BY x.session_key, x.kind ON CONFLICT DO NOTHING
        """;

    public Task<SessionAddress?> ReadAddressAsync(long key, CancellationToken cancellationToken) =>
        database.Reads.ReadAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(FindAddress, connection);
                command.Parameters.AddValue(key);
                await using var reader = await command.ExecuteReaderAsync(token);
                return await reader.ReadAsync(token) ? Address(reader, 0) : (SessionAddress?)null;
            },
            cancellationToken);

    public Task<DueWork?> FindWorkAsync(DueWorkKind kind, long key, CancellationToken cancellationToken) =>
        database.Reads.ReadAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(FindWork, connection);
                command.Parameters.AddValue((short)kind);
                command.Parameters.AddValue(key);
                return await DueWorkQueue.ReadAsync(command, token);
            },
            cancellationToken);

    public Task FinishAsync(
        DueWork work, DateTimeOffset? again, DateTimeOffset ifNoted, CancellationToken cancellationToken) =>
        database.Work.ChangeAsync(
            async (connection, token) =>
            {
                await using var statements = new NpgsqlBatch(connection);
                if (again is null)
                {
                    var end = Add(statements, EndWork);
                    end.AddValue(work.Id);
                    end.AddValue(work.Noted);
                }

                var postpone = Add(statements, PostponeWork);
                postpone.AddValue(work.Id);
                postpone.AddValue(work.Noted);
                postpone.AddValue(again ?? ifNoted);
                postpone.AddValue(ifNoted);
                return await statements.ExecuteNonQueryAsync(token);
            },
            cancellationToken);

    public Task BeginWalkAsync(DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        database.Work.ChangeAsync(
            (connection, token) => NoteAsync(connection, [new FoundWork(0, DueWorkKind.Walk, dueAt)], token), cancellationToken);

    public Task<IReadOnlyList<WalkedSession>> WalkAsync(long after, int limit, CancellationToken cancellationToken) =>
        database.Reads.ReadAsync<IReadOnlyList<WalkedSession>>(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(FindSessions, connection);
                command.Parameters.AddValue(after);
                command.Parameters.AddValue(limit);
                var found = new List<WalkedSession>();
                await using var reader = await command.ExecuteReaderAsync(token);
                while (await reader.ReadAsync(token))
                {
                    found.Add(new WalkedSession(
                        reader.GetInt64(0),
                        Address(reader, 1),
                        reader.IsDBNull(3) ? null : reader.GetString(3),
                        reader.GetFieldValue<DateTimeOffset>(4),
                        reader.GetFieldValue<DateTimeOffset?>(5),
                        reader.GetInt64(6),
                        reader.GetInt64(7)));
                }

                return found;
            },
            cancellationToken);

    public Task AdvanceAsync(DueWork walk, WalkStep step, CancellationToken cancellationToken) =>
        database.Work.ChangeAsync(
            async (connection, token) =>
            {
                await using var transaction = await connection.BeginTransactionAsync(token);
                await using var command = new NpgsqlCommand(MoveOn, connection);
                command.Parameters.AddValue(walk.Id);
                command.Parameters.AddValue(walk.Cursor);
                command.Parameters.AddValue(step.Cursor);
                command.Parameters.AddValue(step.DueAt);
                if (await command.ExecuteNonQueryAsync(token) == 0)
                {
                    return 0;
                }

                var noted = step.Found.Count == 0 ? 0 : await NoteAsync(connection, step.Found, token);
                await transaction.CommitAsync(token);
                return noted;
            },
            cancellationToken);

    private static async Task<int> NoteAsync(
        NpgsqlConnection connection, IReadOnlyList<FoundWork> found, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(NoteFound, connection);
        command.Parameters.AddColumn(found, f => (short)f.Kind);
        command.Parameters.AddColumn(found, f => f.Key);
        command.Parameters.AddTimes(found, f => f.DueAt);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameterCollection Add(NpgsqlBatch statements, string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        statements.BatchCommands.Add(command);
        return command.Parameters;
    }

    private static SessionAddress Address(NpgsqlDataReader reader, int column) =>
        new(TenantId.Parse(reader.GetString(column)), SessionId.Parse(reader.GetString(column + 1)));
}
