using Npgsql;

namespace Forge.Grains.History.PostgreSql;

/// <summary>Removes the rows in the removed ranges of a session, then the ranges.</summary>
internal static class Reclaim
{
    /// <summary>Ranges may overlap; as one value they are in order and do not.</summary>
    private const string Gaps = """
        (SELECT unnest(range_agg(int8range(first_sequence, last_sequence, '[]'))) AS gap
         FROM removed_ranges WHERE session_key = $1) g
        """;

    private const string InGap = "c.session_key = $1 AND c.sequence >= lower(g.gap) AND c.sequence < upper(g.gap)";

    private static readonly string Select = $"""
        SELECT coalesce(s.deleted_at IS NULL, false), c.*
        FROM {Gaps}
        CROSS JOIN LATERAL (
            SELECT {CheckpointColumns.Select(CheckpointParts.Summary)} FROM checkpoints c WHERE {InGap}) c
        LEFT JOIN sessions s ON s.session_key = $1
        LIMIT $2
        """;

    /// <summary>The tags first, tag by tag, while the rows that name them are there.</summary>
    private static readonly string[] Deletes =
    [
        """
        DELETE FROM checkpoint_tags t USING checkpoints c, unnest(c.tags) AS g (tag)
        WHERE c.session_key = $1 AND c.sequence = ANY ($2)
            AND t.session_key = $1 AND t.tag = g.tag AND t.sequence = c.sequence
        """,
        "DELETE FROM checkpoints WHERE session_key = $1 AND sequence = ANY ($2)",
        "DELETE FROM annotations WHERE session_key = $1 AND sequence = ANY ($2)",
    ];

    /// <summary>Removes some rows in the caller's transaction; true where there were fewer than could be removed.</summary>
    public static async Task<bool> StepAsync(
        NpgsqlConnection connection, long key, int limit, DateTimeOffset rememberSince, CancellationToken cancellationToken)
    {
        var (rows, remembered) = await ReadAsync(connection, key, limit, rememberSince, cancellationToken);
        if (rows.Count > 0)
        {
            await RemoveAsync(connection, key, rows, remembered, cancellationToken);
        }

        return rows.Count < limit;
    }

    /// <summary>Removes the ranges that there are; false, and removes none, where a row is left in one.</summary>
    public static async Task<bool> DropRangesAsync(NpgsqlConnection connection, long key, CancellationToken cancellationToken)
    {
        // The look and the removal are one statement: they see the same ranges.
        await using var command = new NpgsqlCommand(
            $"""
            WITH left_over AS MATERIALIZED (
                SELECT EXISTS (SELECT FROM {Gaps} JOIN checkpoints c ON {InGap}) AS any
            ), dropped AS (
                DELETE FROM removed_ranges WHERE session_key = $1 AND NOT (SELECT l.any FROM left_over l)
            )
            SELECT l.any FROM left_over l
            """, connection);
        command.Parameters.AddValue(key);
        return await command.ExecuteScalarAsync(cancellationToken) is false;
    }

    private static async Task<(List<long> Rows, List<RememberedRequest> Remembered)> ReadAsync(
        NpgsqlConnection connection, long key, int limit, DateTimeOffset rememberSince, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Select, connection);
        command.Parameters.AddValue(key);
        command.Parameters.AddValue(limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (rows, remembered) = (new List<long>(), new List<RememberedRequest>());
        while (await reader.ReadAsync(cancellationToken))
        {
            var isAlive = reader.GetBoolean(0);
            var row = await CheckpointColumns.ReadAsync(reader, 1, CheckpointParts.Summary, cancellationToken);
            rows.Add(row.Sequence);
            if (isAlive && row.CreatedAt > rememberSince)
            {
                remembered.Add(RemovedCreate.Remember(row));
            }
        }

        return (rows, remembered);
    }

    private static async Task RemoveAsync(
        NpgsqlConnection connection, long key, List<long> rows, List<RememberedRequest> remembered,
        CancellationToken cancellationToken)
    {
        await using var statements = new NpgsqlBatch(connection);
        if (remembered.Count > 0)
        {
            var insert = new NpgsqlBatchCommand("""
                INSERT INTO requests (session_key, id, at, kind, outcome)
                SELECT $1, x.* FROM unnest($2::uuid[], $3::timestamptz[], $4::text[], $5::text[]) AS x (id, at, kind, outcome)
                ORDER BY x.id ON CONFLICT DO NOTHING
                """);
            insert.Parameters.AddValue(key);
            insert.Parameters.AddColumn(remembered, r => r.Id);
            insert.Parameters.AddTimes(remembered, r => r.At);
            insert.Parameters.AddColumn(remembered, r => r.Kind);
            insert.Parameters.AddColumn(remembered, r => r.Outcome);
            statements.BatchCommands.Add(insert);
        }

        foreach (var sql in Deletes)
        {
            var delete = new NpgsqlBatchCommand(sql);
            delete.Parameters.AddValue(key);
            delete.Parameters.AddValue(rows.ToArray());
            statements.BatchCommands.Add(delete);
        }

        await statements.ExecuteNonQueryAsync(cancellationToken);
    }
}
