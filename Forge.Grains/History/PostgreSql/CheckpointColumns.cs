using Forge.Checkpoints;
using Forge.Identity;
using Npgsql;

namespace Forge.Grains.History.PostgreSql;

/// <summary>Which columns of a checkpoint a query selects, and how they are read: in this order, one after another.</summary>
internal static class CheckpointColumns
{
    private const string Summary =
        "c.sequence, c.id, c.created_at, c.position, c.parent_sequence, c.message, c.tags, c.first_tags, c.trigger_kind, " +
        "c.content_type, c.size, c.checksum, c.codec, c.base_sequence, c.stored_size, c.trunk, c.chain";

    private const string Notes = ", n.positions, n.times, n.severities, n.texts";

    private const int SummaryColumns = 17;

    /// <summary>The select list over <c>checkpoints c</c>; with annotations, <see cref="NotesJoin"/> has to be joined.</summary>
    public static string Select(CheckpointParts parts) =>
        Summary
        + (parts.HasFlag(CheckpointParts.Annotations) ? Notes : "")
        + (parts.HasFlag(CheckpointParts.State) ? ", c.stored" : "");

    /// <summary>The annotations of <c>c</c>, gathered in one row.</summary>
    public static string NotesJoin(CheckpointParts parts) => !parts.HasFlag(CheckpointParts.Annotations) ? "" : """
        LEFT JOIN LATERAL (
            SELECT array_agg(a.position ORDER BY a.position) AS positions, array_agg(a.at ORDER BY a.position) AS times,
                array_agg(a.severity ORDER BY a.position) AS severities, array_agg(a.text ORDER BY a.position) AS texts
            FROM annotations a WHERE a.session_key = c.session_key AND a.sequence = c.sequence) n ON true
        """;

    /// <summary>Reads the columns that <see cref="Select"/> named, of which the first is at an ordinal.</summary>
    public static async Task<StoredCheckpoint> ReadAsync(
        NpgsqlDataReader reader, int first, CheckpointParts parts, CancellationToken cancellationToken)
    {
        var row = ReadSummary(reader, first);
        var next = first + SummaryColumns;
        if (parts.HasFlag(CheckpointParts.Annotations))
        {
            row = row with { Annotations = await ReadNotesAsync(reader, next, cancellationToken) };
            next += 4;
        }

        return parts.HasFlag(CheckpointParts.State)
            ? row with { Stored = await reader.GetFieldValueAsync<byte[]>(next, cancellationToken) }
            : row;
    }

    private static StoredCheckpoint ReadSummary(NpgsqlDataReader reader, int first) => new()
    {
        Sequence = reader.GetInt64(first),
        Id = new CheckpointId(reader.GetGuid(first + 1)),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(first + 2),
        Position = reader.GetInt64(first + 3),
        Parent = reader.GetInt64(first + 4),
        Message = reader.GetString(first + 5),
        Tags = reader.GetFieldValue<string[]>(first + 6),
        FirstTags = reader.IsDBNull(first + 7) ? null : reader.GetFieldValue<string[]>(first + 7),
        Trigger = (CheckpointTrigger)reader.GetInt16(first + 8),
        ContentType = reader.GetString(first + 9),
        Size = reader.GetInt32(first + 10),
        Checksum = reader.GetFieldValue<byte[]>(first + 11),
        Codec = reader.GetInt16(first + 12),
        Base = reader.IsDBNull(first + 13) ? null : reader.GetInt64(first + 13),
        StoredSize = reader.GetInt32(first + 14),
        Trunk = reader.GetBoolean(first + 15),
        Chain = reader.IsDBNull(first + 16) ? null : reader.GetFieldValue<byte[]>(first + 16),
    };

    private static async Task<IReadOnlyList<Annotation>> ReadNotesAsync(
        NpgsqlDataReader reader, int first, CancellationToken cancellationToken)
    {
        if (await reader.IsDBNullAsync(first, cancellationToken))
        {
            return [];
        }

        var positions = await reader.GetFieldValueAsync<long[]>(first, cancellationToken);
        var times = await reader.GetFieldValueAsync<DateTimeOffset[]>(first + 1, cancellationToken);
        var severities = await reader.GetFieldValueAsync<short[]>(first + 2, cancellationToken);
        var texts = await reader.GetFieldValueAsync<string[]>(first + 3, cancellationToken);
        return [.. positions.Select((position, i) =>
            new Annotation(position, times[i], (AnnotationSeverity)severities[i], texts[i]))];
    }
}
