using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Reclaiming;
using Forge.History.Rows;
using Forge.History.Stores;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>Removes the rows in the removed ranges of a session or hides them, then the ranges.</summary>
internal static class Reclaim
{
    /// <summary>Ranges may overlap; as one value they are in order and do not.</summary>
    private const string Gaps = """
        (SELECT unnest(range_agg(int8range(first_sequence, last_sequence, '[]'))) AS gap
         FROM removed_ranges WHERE session_key = $1) g
        """;

    private const string InGap = "c.session_key = $1 AND c.sequence >= lower(g.gap) AND c.sequence < upper(g.gap)";

    private static readonly string CoveredGroups = $"""
        SELECT s.session_key IS NOT NULL AND s.deleted_at IS NULL, coalesce(s.head_sequence, 0), coalesce(s.current_sequence, 0),
            coalesce(c.group_sequence, c.sequence)
        FROM {Gaps}
        CROSS JOIN LATERAL (
            SELECT c.sequence, c.group_sequence FROM checkpoints c WHERE {InGap} AND NOT c.removed
            ORDER BY c.sequence LIMIT $2) c
        LEFT JOIN sessions s ON s.session_key = $1
        LIMIT $2
        """;

    /// <summary>What is visible is told of one instant for all rows of a step: nothing else may its plan rest on.</summary>
    private static readonly string Members = $"""
        SELECT s.session_key IS NOT NULL AND {Visibility.OfMany}, {CheckpointColumns.Select(CheckpointParts.Summary)}
        FROM (SELECT $1::bigint AS session_key) k
        LEFT JOIN sessions s ON s.session_key = k.session_key
        CROSS JOIN LATERAL (
            SELECT coalesce(range_agg(int8range(r.first_sequence, r.last_sequence, '[]')), int8multirange()) AS ranges
            FROM removed_ranges r WHERE r.session_key = k.session_key) removed
        CROSS JOIN unnest($2::bigint[], $3::bigint[]) AS w (first, last)
        JOIN checkpoints c ON c.session_key = k.session_key AND c.sequence >= w.first AND c.sequence <= w.last
        WHERE coalesce(c.group_sequence, c.sequence) = ANY ($4)
        """;

    private static readonly string Survivors = $"""
        SELECT {CheckpointColumns.Select(CheckpointParts.State)}
        FROM unnest($2::bigint[]) AS w (sequence)
        JOIN checkpoints c ON c.session_key = $1 AND c.sequence = w.sequence
        {CheckpointColumns.BasesJoin(CheckpointParts.State)}
        """;

    private const string Copy = """
        UPDATE checkpoints c SET codec = x.codec, base_sequence = NULL, stored_size = x.stored_size, stored = x.stored
        FROM unnest($2::bigint[], $3::smallint[], $4::integer[], $5::bytea[]) AS x (sequence, codec, stored_size, stored)
        WHERE c.session_key = $1 AND c.sequence = x.sequence
        """;

    /// <summary>The tags first, tag by tag, while the rows that name them are there.</summary>
    private const string DeleteTags = """
        DELETE FROM checkpoint_tags t USING checkpoints c, unnest(c.tags) AS g (tag)
        WHERE c.session_key = $1 AND c.sequence = ANY ($2)
            AND t.session_key = $1 AND t.tag = g.tag AND t.sequence = c.sequence
        """;

    private const string DeleteAnnotations = "DELETE FROM annotations WHERE session_key = $1 AND sequence = ANY ($2)";

    private const string Delete =
        "DELETE FROM checkpoints WHERE session_key = $1 AND sequence = ANY ($2) RETURNING position, sequence, size, chain";

    private const string Hide = "UPDATE checkpoints SET removed = true WHERE session_key = $1 AND sequence = ANY ($2) AND NOT removed";

    /// <summary>Removes or hides some rows in the caller's transaction; true where there were fewer than a step may.</summary>
    public static async Task<bool> StepAsync(
        NpgsqlConnection connection, long key, int limit, DateTimeOffset rememberSince, CancellationToken cancellationToken)
    {
        var (isAlive, head, current, labels) = await ReadGroupsAsync(connection, key, limit, cancellationToken);
        if (labels.Count == 0)
        {
            return true;
        }

        var window = GroupWindow.Of(labels);
        var members = await ReadMembersAsync(connection, key, window, cancellationToken);
        var plan = ReclaimPlan.Make(members, head, current, limit);
        if (plan.Copies.Count > 0)
        {
            members = await CopyOutAsync(connection, key, plan, members, cancellationToken);
            plan = ReclaimPlan.Make(members, head, current, limit);
        }

        var remembered = plan.Going.Where(row => isAlive && row.CreatedAt > rememberSince)
            .Select(RemovedCreate.Remember).ToList();
        await RemoveAsync(connection, key, plan, remembered, cancellationToken);
        return labels.Count < limit && window.IsWhole && plan.IsWhole;
    }

    /// <summary>Removes the ranges that there are; false, and removes none, where a row is left in one that is not hidden.</summary>
    public static async Task<bool> DropRangesAsync(NpgsqlConnection connection, long key, CancellationToken cancellationToken)
    {
        // The look and the removal are one statement: they see the same ranges.
        await using var command = new NpgsqlCommand(
            $"""
            WITH left_over AS MATERIALIZED (
                SELECT EXISTS (SELECT FROM {Gaps} JOIN checkpoints c ON {InGap} AND NOT c.removed) AS any
            ), dropped AS (
                DELETE FROM removed_ranges WHERE session_key = $1 AND NOT (SELECT l.any FROM left_over l)
            )
            SELECT l.any FROM left_over l
            """, connection);
        command.Parameters.AddValue(key);
        return await command.ExecuteScalarAsync(cancellationToken) is false;
    }

    private static async Task<(bool IsAlive, long Head, long Current, List<long> Labels)> ReadGroupsAsync(
        NpgsqlConnection connection, long key, int limit, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(CoveredGroups, connection);
        command.Parameters.AddValue(key);
        command.Parameters.AddValue(limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (isAlive, head, current, labels) = (false, 0L, 0L, new List<long>());
        while (await reader.ReadAsync(cancellationToken))
        {
            (isAlive, head, current) = (reader.GetBoolean(0), reader.GetInt64(1), reader.GetInt64(2));
            labels.Add(reader.GetInt64(3));
        }

        return (isAlive, head, current, labels);
    }

    private static async Task<List<GroupMember>> ReadMembersAsync(
        NpgsqlConnection connection, long key, GroupWindow window, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Members, connection);
        command.Parameters.AddValue(key);
        command.Parameters.AddColumn(window.Ranges, r => r.First);
        command.Parameters.AddColumn(window.Ranges, r => r.Last);
        command.Parameters.AddValue(window.Labels.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var members = new List<GroupMember>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var isVisible = reader.GetBoolean(0);
            members.Add(new GroupMember(
                await CheckpointColumns.ReadAsync(reader, 1, CheckpointParts.Summary, cancellationToken), isVisible));
        }

        return members;
    }

    private static async Task<List<GroupMember>> CopyOutAsync(
        NpgsqlConnection connection, long key, ReclaimPlan plan, List<GroupMember> members, CancellationToken cancellationToken)
    {
        foreach (var copies in plan.Copies)
        {
            var rows = new List<StoredCheckpoint>();
            await using (var command = new NpgsqlCommand(Survivors, connection))
            {
                command.Parameters.AddValue(key);
                command.Parameters.AddValue(copies.Sequences.ToArray());
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    rows.Add(await CheckpointColumns.ReadAsync(reader, 0, CheckpointParts.State, cancellationToken));
                }
            }

            if (copies.Make(rows) is { } made)
            {
                await using var write = new NpgsqlCommand(Copy, connection);
                write.Parameters.AddValue(key);
                write.Parameters.AddColumn(made, row => row.Sequence);
                write.Parameters.AddColumn(made, row => row.Codec);
                write.Parameters.AddColumn(made, row => row.StoredSize);
                write.Parameters.AddColumn(made, row => row.Stored);
                await write.ExecuteNonQueryAsync(cancellationToken);
                members = SurvivorCopies.Apply(members, made);
            }
        }

        return members;
    }

    private static async Task RemoveAsync(
        NpgsqlConnection connection, long key, ReclaimPlan plan, List<RememberedRequest> remembered,
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

        long[] going = [.. plan.Going.Select(row => row.Sequence)];
        long[] hiding = [.. plan.Hiding.Select(row => row.Sequence)];
        Add(DeleteTags, [.. going, .. hiding]);
        Add(DeleteAnnotations, [.. going, .. hiding]);
        Add(Hide, hiding);
        if (statements.BatchCommands.Count > 0)
        {
            await statements.ExecuteNonQueryAsync(cancellationToken);
        }

        if (going.Length > 0)
        {
            await RemovedRuns.LeaveAsync(
                connection, key, await DeleteAsync(connection, key, going, cancellationToken), cancellationToken);
        }

        void Add(string sql, long[] sequences)
        {
            if (sequences.Length > 0)
            {
                var command = new NpgsqlBatchCommand(sql);
                command.Parameters.AddValue(key);
                command.Parameters.AddValue(sequences);
                statements.BatchCommands.Add(command);
            }
        }
    }

    /// <summary>Removes rows; answers those that were there, which another step may have removed.</summary>
    private static async Task<List<RemovedLink>> DeleteAsync(
        NpgsqlConnection connection, long key, long[] sequences, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Delete, connection);
        command.Parameters.AddValue(key);
        command.Parameters.AddValue(sequences);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var links = new List<RemovedLink>();
        while (await reader.ReadAsync(cancellationToken))
        {
            links.Add(new RemovedLink(
                reader.GetInt64(0), reader.GetInt64(1), reader.GetInt32(2),
                reader.IsDBNull(3) ? null : reader.GetFieldValue<byte[]>(3)));
        }

        return links;
    }
}
