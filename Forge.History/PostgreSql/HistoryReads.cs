using System.Data;
using System.Globalization;
using System.Text;
using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>
/// The reads of one session. Each is one statement that starts from the head row, so that its version is always there.
/// </summary>
internal static class HistoryReads
{
    // A row is its own memory for as long as it is there, hidden or not; what is remembered of it counts after that.
    internal static readonly string CreatesQuery = $"""
        SELECT s.version, r.id, r.at, r.outcome, {CheckpointColumns.Select(CheckpointParts.Summary)}
        FROM sessions s
        LEFT JOIN LATERAL unnest($3::uuid[]) AS i (id) ON s.deleted_at IS NULL
        LEFT JOIN checkpoints c ON c.session_key = s.session_key AND c.id = i.id
        LEFT JOIN requests r
            ON c.id IS NULL AND r.session_key = s.session_key AND r.id = i.id AND r.kind = $5 AND r.at >= $4
        WHERE s.tenant = $1 AND s.session = $2
        """;

    public static async Task<Versioned<StoredCheckpoint?>> CheckpointAsync(
        NpgsqlConnection connection, SessionAddress address, CheckpointReference checkpoint, CheckpointParts parts,
        CancellationToken cancellationToken)
    {
        await using var command = CheckpointCommand(connection, address, checkpoint, parts);

        // A state is read from the stream, not from a copy of its row.
        var behaviour = parts.HasFlag(CheckpointParts.State) ? CommandBehavior.SequentialAccess : CommandBehavior.Default;
        await using var reader = await command.ExecuteReaderAsync(behaviour, cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return default;
        }

        var version = reader.GetInt64(0);
        return await reader.IsDBNullAsync(1, cancellationToken)
            ? new(version, null)
            : new(version, await CheckpointColumns.ReadAsync(reader, 1, parts, cancellationToken));
    }

    /// <summary>The statement that reads one checkpoint.</summary>
    internal static NpgsqlCommand CheckpointCommand(
        NpgsqlConnection? connection, SessionAddress address, CheckpointReference checkpoint, CheckpointParts parts)
    {
        var which = checkpoint.IsLatest ? "c.sequence = s.head_sequence" : checkpoint.Sequence > 0 ? "c.sequence = $3" : "c.id = $3";
        var command = new NpgsqlCommand(
            $"""
            SELECT s.version, {CheckpointColumns.Select(parts)}
            FROM sessions s
            LEFT JOIN checkpoints c ON c.session_key = s.session_key AND {which} AND {Visibility.OfOne}
            {CheckpointColumns.NotesJoin(parts)}
            {CheckpointColumns.BasesJoin(parts)}
            WHERE s.tenant = $1 AND s.session = $2
            """, connection);
        AddAddress(command, address);
        if (checkpoint.Sequence > 0)
        {
            command.Parameters.AddValue(checkpoint.Sequence);
        }
        else if (!checkpoint.IsLatest)
        {
            command.Parameters.AddValue(checkpoint.Id.Value);
        }

        return command;
    }

    public static async Task<Versioned<IReadOnlyList<StoredCheckpoint>>> ListAsync(
        NpgsqlConnection connection, SessionAddress address, ListFilter filter, CancellationToken cancellationToken)
    {
        await using var command = ListCommand(connection, address, filter);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (version, rows) = (0L, new List<StoredCheckpoint>());
        while (await reader.ReadAsync(cancellationToken))
        {
            version = reader.GetInt64(0);
            if (!reader.IsDBNull(1))
            {
                rows.Add(await CheckpointColumns.ReadAsync(reader, 1, CheckpointParts.Summary, cancellationToken));
            }
        }

        return new(version, rows);
    }

    public static async Task<Versioned<RememberedRequest?>> RequestAsync(
        NpgsqlConnection connection, SessionAddress address, Guid id, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT s.version, r.at, r.kind, r.outcome
            FROM sessions s
            LEFT JOIN requests r
                ON r.session_key = s.session_key AND r.id = $3 AND r.at >= $4 AND s.deleted_at IS NULL
            WHERE s.tenant = $1 AND s.session = $2
            """, connection);
        AddAddress(command, address);
        command.Parameters.AddValue(id);
        command.Parameters.AddValue(since);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return default;
        }

        return new(reader.GetInt64(0), reader.IsDBNull(1) ? null : new RememberedRequest(
            id, reader.GetFieldValue<DateTimeOffset>(1), reader.GetString(2), reader.GetString(3)));
    }

    public static async Task<Versioned<IReadOnlyList<EarlierCreate>>> CreatesAsync(
        NpgsqlConnection connection, SessionAddress address, IReadOnlyList<CheckpointId> ids, DateTimeOffset since,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(CreatesQuery, connection);
        AddAddress(command, address);
        command.Parameters.AddValue(ids.Select(id => id.Value).Distinct().ToArray());
        command.Parameters.AddValue(since);
        command.Parameters.AddValue(RemovedCreate.Kind);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (version, creates) = (0L, new List<EarlierCreate>());
        while (await reader.ReadAsync(cancellationToken))
        {
            version = reader.GetInt64(0);
            if (!reader.IsDBNull(1))
            {
                creates.Add(RemovedCreate.Recall(address, new RememberedRequest(
                    reader.GetGuid(1), reader.GetFieldValue<DateTimeOffset>(2), RemovedCreate.Kind, reader.GetString(3))));
            }
            else if (!reader.IsDBNull(4))
            {
                creates.Add(EarlierCreate.Of(
                    await CheckpointColumns.ReadAsync(reader, 4, CheckpointParts.Summary, cancellationToken)));
            }
        }

        return new(version, creates);
    }

    public static void AddAddress(NpgsqlCommand command, SessionAddress address)
    {
        command.Parameters.AddValue(address.Tenant.Value);
        command.Parameters.AddValue(address.Session.Value);
    }

    /// <summary>Only the conditions that are asked for are in the text, so that each form has a plan of its own.</summary>
    private static NpgsqlCommand ListCommand(NpgsqlConnection connection, SessionAddress address, ListFilter filter)
    {
        var command = new NpgsqlCommand { Connection = connection };
        AddAddress(command, address);
        command.Parameters.AddValue(filter.After);
        command.Parameters.AddValue(filter.Before);
        command.Parameters.AddValue(filter.Limit);

        // The tags' own rows are in the order of sequences too; a page of a tag reads no other checkpoint.
        var source = filter.Tag is null
            ? "checkpoints c WHERE c.session_key = s.session_key AND c.sequence > $3 AND c.sequence < $4"
            : """
              checkpoint_tags t JOIN checkpoints c ON c.session_key = t.session_key AND c.sequence = t.sequence
              WHERE t.session_key = s.session_key AND t.sequence > $3 AND t.sequence < $4
              """;
        var column = filter.Tag is null ? "c.sequence" : "t.sequence";
        var order = filter.Order == ListOrder.NewestFirst ? "DESC" : "ASC";
        var conditions = new StringBuilder();
        if (filter.Tag is { } tag)
        {
            Where("t.tag =", p => p.AddValue(tag));
        }

        if (filter.Trigger is { } trigger)
        {
            Where("c.trigger_kind =", p => p.AddValue((short)trigger));
        }

        var bounds = new StringBuilder();
        if (filter.From is { } from)
        {
            Bound("from_time", "<", ">=", from);
        }

        if (filter.To is { } to)
        {
            Bound("to_time", "<=", "<", to);
        }

        command.CommandText = $"""
            SELECT s.version, {CheckpointColumns.Select(CheckpointParts.Summary)}
            FROM sessions s
            {Visibility.RemovedJoin}{bounds}
            LEFT JOIN LATERAL (
                SELECT c.* FROM {source} AND {Visibility.OfMany}{conditions}
                ORDER BY {column} {order} LIMIT $5) c ON true
            WHERE s.tenant = $1 AND s.session = $2
            ORDER BY c.sequence {order}
            """;
        return command;

        void Bound(string name, string isBelow, string condition, DateTimeOffset time)
        {
            command.Parameters.AddValue(time);
            bounds.AppendLine().Append(TimeBound.Join(name, isBelow, command.Parameters.Count));
            conditions.Append(CultureInfo.InvariantCulture, $" AND {column} {condition} {name}.sequence");
        }

        void Where(string condition, Action<NpgsqlParameterCollection> add)
        {
            add(command.Parameters);
            conditions.Append(CultureInfo.InvariantCulture, $" AND {condition} ${command.Parameters.Count}");
        }
    }
}
