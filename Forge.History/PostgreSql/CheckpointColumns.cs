using Forge.Checkpoints;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>Which columns of a checkpoint a query selects, and how they are read: in this order, one after another.</summary>
internal static class CheckpointColumns
{
    private const string Summary =
        "c.sequence, c.id, c.created_at, c.position, c.parent_sequence, c.message, c.tags, c.first_tags, c.trigger_kind, " +
        "c.content_type, c.size, c.checksum, c.codec, c.base_sequence, c.group_sequence, c.stored_size, c.trunk, c.removed, c.chain";

    private const string Notes = ", n.positions, n.times, n.severities, n.texts";

    private const string Bases =
        ", b.sequences, b.ids, b.codecs, b.bases, b.groups, b.sizes, b.checksums, b.states";

    private const int SummaryColumns = 19;
    private const int NotesColumns = 4;
    private const int BasesColumns = 8;

    /// <summary>
    /// The select list over <c>checkpoints c</c>; with annotations, <see cref="NotesJoin"/> has to be joined, and with the
    /// state <see cref="BasesJoin"/>.
    /// </summary>
    public static string Select(CheckpointParts parts) =>
        Summary
        + (parts.HasFlag(CheckpointParts.Annotations) ? Notes : "")
        + (parts.HasFlag(CheckpointParts.State) ? Bases + ", c.stored" : "");

    /// <summary>The annotations of <c>c</c>, gathered in one row.</summary>
    public static string NotesJoin(CheckpointParts parts) => !parts.HasFlag(CheckpointParts.Annotations) ? "" : """
        LEFT JOIN LATERAL (
            SELECT array_agg(a.position ORDER BY a.position) AS positions, array_agg(a.at ORDER BY a.position) AS times,
                array_agg(a.severity ORDER BY a.position) AS severities, array_agg(a.text ORDER BY a.position) AS texts
            FROM annotations a WHERE a.session_key = c.session_key AND a.sequence = c.sequence) n ON true
        """;

    /// <summary>
    /// The rows that the state of <c>c</c> may be decoded on, gathered in one row: those of its group, which are one range of
    /// the primary key. The path is found among them by whoever reads them.
    /// </summary>
    /// <param name="parts">What is selected.</param>
    /// <param name="wanted">A condition besides; without it, the path of every row is gathered.</param>
    public static string BasesJoin(CheckpointParts parts, string wanted = "true") => !parts.HasFlag(CheckpointParts.State) ? "" : $"""
        LEFT JOIN LATERAL (
            SELECT array_agg(g.sequence) AS sequences, array_agg(g.id) AS ids, array_agg(g.codec) AS codecs,
                array_agg(g.base_sequence) AS bases, array_agg(g.group_sequence) AS groups, array_agg(g.size) AS sizes,
                array_agg(g.checksum) AS checksums, array_agg(g.stored) AS states
            FROM checkpoints g
            WHERE c.base_sequence IS NOT NULL AND {wanted} AND g.session_key = c.session_key
                AND g.sequence >= c.group_sequence AND g.sequence < c.sequence
                AND (g.group_sequence = c.group_sequence OR g.sequence = c.group_sequence)) b ON true
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
            next += NotesColumns;
        }

        if (!parts.HasFlag(CheckpointParts.State))
        {
            return row;
        }

        row = row with { Bases = await ReadBasesAsync(reader, next, row, cancellationToken) };
        return row with { Stored = await reader.GetFieldValueAsync<byte[]>(next + BasesColumns, cancellationToken) };
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
        Group = reader.IsDBNull(first + 14) ? null : reader.GetInt64(first + 14),
        StoredSize = reader.GetInt32(first + 15),
        Trunk = reader.GetBoolean(first + 16),
        Removed = reader.GetBoolean(first + 17),
        Chain = reader.IsDBNull(first + 18) ? null : reader.GetFieldValue<byte[]>(first + 18),
    };

    private static async Task<IReadOnlyList<EncodedState>> ReadBasesAsync(
        NpgsqlDataReader reader, int first, StoredCheckpoint row, CancellationToken cancellationToken)
    {
        if (await reader.IsDBNullAsync(first, cancellationToken))
        {
            return [];
        }

        var sequences = await reader.GetFieldValueAsync<long[]>(first, cancellationToken);
        var ids = await reader.GetFieldValueAsync<Guid[]>(first + 1, cancellationToken);
        var codecs = await reader.GetFieldValueAsync<short[]>(first + 2, cancellationToken);
        var bases = await reader.GetFieldValueAsync<long?[]>(first + 3, cancellationToken);
        var groups = await reader.GetFieldValueAsync<long?[]>(first + 4, cancellationToken);
        var sizes = await reader.GetFieldValueAsync<int[]>(first + 5, cancellationToken);
        var checksums = await reader.GetFieldValueAsync<byte[][]>(first + 6, cancellationToken);
        var states = await reader.GetFieldValueAsync<byte[][]>(first + 7, cancellationToken);
        var places = new Dictionary<long, int>(sequences.Length);
        for (var i = 0; i < sequences.Length; i++)
        {
            places.Add(sequences[i], i);
        }

        return BasePath.Follow(row, sequence => places.TryGetValue(sequence, out var i)
            ? new EncodedState(
                sequence, new CheckpointId(ids[i]), codecs[i], bases[i], groups[i], sizes[i], checksums[i], states[i])
            : null);
    }

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
