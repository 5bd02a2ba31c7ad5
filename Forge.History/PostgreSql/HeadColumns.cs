using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>The query of a head row with the ids of head and current, and how it is read.</summary>
internal static class HeadColumns
{
    private const string Select = """
        SELECT s.session_key, s.incarnation, s.version, s.last_batch, s.created_at, s.last_created_at, s.last_sequence,
            s.head_sequence, s.current_sequence, s.last_position, s.checkpoint_count, s.checkpoint_bytes, s.settings,
            s.origin_key, s.origin_sequence, s.chain, s.deleted_at, h.id, p.id, s.session, s.seal, s.chained_after
        FROM sessions s
        LEFT JOIN checkpoints h
            ON h.session_key = s.session_key AND h.sequence = s.head_sequence AND s.deleted_at IS NULL
        LEFT JOIN checkpoints p
            ON p.session_key = s.session_key AND p.sequence = s.current_sequence AND s.deleted_at IS NULL
        """;

    internal const string One = Select + " WHERE s.tenant = $1 AND s.session = $2";

    // In the order of the unique index over the two, so that a page reads its own rows and the tombstones among them.
    private const string Page = Select + """
         WHERE s.tenant = $1 AND s.session > $2 AND s.session >= $3 AND s.session < $4 AND s.deleted_at IS NULL
        ORDER BY s.session LIMIT $5
        """;

    public static async Task<HeadRead?> ReadAsync(
        NpgsqlConnection connection, SessionAddress address, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(One, connection);
        command.Parameters.AddValue(address.Tenant.Value);
        command.Parameters.AddValue(address.Session.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    public static async Task<IReadOnlyList<SessionRow>> ListAsync(
        NpgsqlConnection connection, TenantId tenant, SessionFilter filter, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Page, connection);
        command.Parameters.AddValue(tenant.Value);
        command.Parameters.AddValue(filter.After);
        command.Parameters.AddValue(filter.Prefix);
        command.Parameters.AddValue(filter.End);
        command.Parameters.AddValue(filter.Limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<SessionRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new SessionRow(SessionId.Parse(reader.GetString(19)), Read(reader)));
        }

        return rows;
    }

    private static HeadRead Read(NpgsqlDataReader row) => new(
        new SessionHead
        {
            Key = row.GetInt64(0),
            Incarnation = row.GetInt32(1),
            Version = row.GetInt64(2),
            LastBatch = row.GetGuid(3),
            CreatedAt = row.GetFieldValue<DateTimeOffset>(4),
            LastCreatedAt = row.GetFieldValue<DateTimeOffset?>(5),
            LastSequence = row.GetInt64(6),
            Head = row.GetInt64(7),
            Current = row.GetInt64(8),
            LastPosition = row.GetInt64(9),
            Count = row.GetInt64(10),
            Bytes = row.GetInt64(11),
            Settings = row.IsDBNull(12) ? null : row.GetString(12),
            OriginKey = row.GetFieldValue<long?>(13),
            OriginSequence = row.GetFieldValue<long?>(14),
            Chain = row.IsDBNull(15) ? null : row.GetFieldValue<byte[]>(15),
            DeletedAt = row.GetFieldValue<DateTimeOffset?>(16),
            Seal = row.GetFieldValue<long?>(20),
            ChainedAfter = row.GetInt64(21),
        },
        new CheckpointId(row.IsDBNull(17) ? Guid.Empty : row.GetGuid(17)),
        new CheckpointId(row.IsDBNull(18) ? Guid.Empty : row.GetGuid(18)));
}
