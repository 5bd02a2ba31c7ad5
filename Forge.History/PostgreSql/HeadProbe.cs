using Forge.History.Changes;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>
/// Reads the head rows of a batch so that no transaction on them is still under way. Rows that are there are locked; for
/// a session that may just be being made, a row of the same name is put in its place for a moment, which waits for whoever
/// is making it.
/// </summary>
internal static class HeadProbe
{
    private const string Names =
        "unnest($1::bigint[], $2::text[], $3::text[]) WITH ORDINALITY AS i (session_key, tenant, session, place)";

    private const string Insert = $"""
        INSERT INTO sessions (session_key, tenant, session, incarnation, version, last_batch, created_at, last_sequence,
            head_sequence, current_sequence, last_position, checkpoint_count, checkpoint_bytes)
        SELECT session_key, tenant, session, 0, 0, '00000000-0000-0000-0000-000000000000', '-infinity', 0, 0, 0, 0, 0, 0
        FROM {Names} ORDER BY tenant, session
        ON CONFLICT DO NOTHING
        """;

    private const string Select = $"""
        SELECT s.version, s.last_batch FROM {Names}
        LEFT JOIN LATERAL (
            SELECT h.version, h.last_batch FROM sessions h
            WHERE h.tenant = i.tenant AND h.session = i.session FOR UPDATE) s ON true
        ORDER BY i.place
        """;

    public static async Task<IReadOnlyList<CommitOutcome>> ReadAsync(
        NpgsqlConnection connection, CommitBatch batch, PostgreSqlDatabase database, CancellationToken cancellationToken)
    {
        // Ended without a commit: what was put in goes again.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var statements = new NpgsqlBatch(connection, transaction);
        var patience = new NpgsqlBatchCommand("SELECT set_config('lock_timeout', $1, true)");
        patience.Parameters.AddValue($"{(long)(database.CommandTimeout.TotalMilliseconds / 2)}ms");
        statements.BatchCommands.Add(patience);
        AddNames(Insert, [.. batch.Commits.Where(c => c.ExpectedVersion == 0)]);
        AddNames(Select, batch.Commits);

        var outcomes = new List<CommitOutcome>(batch.Commits.Count);
        await using var reader = await statements.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var version = reader.IsDBNull(0) ? -1 : reader.GetInt64(0);
            var lastBatch = reader.IsDBNull(1) ? Guid.Empty : reader.GetGuid(1);
            outcomes.Add(new(
                lastBatch == batch.Id ? CommitStatus.Committed
                : version == batch.Commits[outcomes.Count].ExpectedVersion ? CommitStatus.Unavailable
                : CommitStatus.Unknown));
        }

        return outcomes;

        void AddNames(string sql, IReadOnlyList<SessionCommit> commits)
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.AddColumn(commits, c => c.Head.Key);
            command.Parameters.AddColumn(commits, c => c.Address.Tenant.Value);
            command.Parameters.AddColumn(commits, c => c.Address.Session.Value);
            statements.BatchCommands.Add(command);
        }
    }
}
