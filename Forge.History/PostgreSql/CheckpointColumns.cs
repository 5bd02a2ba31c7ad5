using Forge.Checkpoints;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.PostgreSql;

/// <summary>Which columns of a checkpoint a query selects, and how they are read, one after another.</summary>
internal static class CheckpointColumns
{
    private const string Notes = ", n.positions, n.times, n.severities, n.texts";

    private const string Requirement = ", q.total, q.first_ones";

    private const string Bases =
        ", b.sequences, b.ids, b.codecs, b.bases, b.groups, b.sizes, b.checksums, b.states";

    private const string Gathered = """
        array_agg(g.sequence) AS sequences, array_agg(g.id) AS ids, array_agg(g.codec) AS codecs,
                array_agg(g.base_sequence) AS bases, array_agg(g.group_sequence) AS groups, array_agg(g.size) AS sizes,
                array_agg(g.checksum) AS checksums, array_agg(g.stored) AS states
        """;

    /// <summary>What is read of a row that others are decoded on.</summary>
    private const string Base = "g.sequence, g.id, g.codec, g.base_sequence, g.group_sequence, g.size, g.checksum, g.stored";

    /// <summary>True if no two rows of the group, up to <c>c</c>, have the same base, and none but its first has none.</summary>
    private const string IsOneLine = """
        (SELECT count(DISTINCT f.base_sequence) = count(*) - 1
        FROM checkpoints f
        WHERE f.session_key = c.session_key AND f.sequence >= c.group_sequence AND f.sequence <= c.sequence
            AND (f.group_sequence = c.group_sequence OR f.sequence = c.group_sequence))
        """;

    private static readonly Selection<StoredCheckpoint> Summary = HistoryTables.Checkpoints.Without(ColumnUse.Heavy);

    /// <summary>
    /// The select list over <c>checkpoints c</c>; with annotations, <see cref="NotesJoin"/> has to be joined, with those that require it
    /// <see cref="RequirersJoin"/>, and with the state <see cref="LineJoin"/> or <see cref="PathJoin"/>.
    /// </summary>
    public static string Select(CheckpointParts parts) =>
        Summary.Of("c")
        + (parts.HasFlag(CheckpointParts.Requirers) ? Requirement : "")
        + (parts.HasFlag(CheckpointParts.Annotations) ? Notes : "")
        + (parts.HasFlag(CheckpointParts.State) ? Bases + ", c.stored" : "");

    /// <summary>The annotations of <c>c</c>, gathered in one row.</summary>
    public static string NotesJoin(CheckpointParts parts) => !parts.HasFlag(CheckpointParts.Annotations) ? "" : """
        LEFT JOIN LATERAL (
            SELECT array_agg(a.position ORDER BY a.position) AS positions, array_agg(a.at ORDER BY a.position) AS times,
                array_agg(a.severity ORDER BY a.position) AS severities, array_agg(a.text ORDER BY a.position) AS texts
            FROM annotations a WHERE a.session_key = c.session_key AND a.sequence = c.sequence) n ON true
        """;

    /// <summary>The visible checkpoints that require <c>c</c>, counted and the first of them gathered in one row; behind another join.</summary>
    public static string RequirersJoin(CheckpointParts parts) => !parts.HasFlag(CheckpointParts.Requirers) ? "" : $"""

        LEFT JOIN LATERAL (
            SELECT count(*) AS total, array_agg(v.sequence ORDER BY v.sequence) FILTER (WHERE v.place <= {Requirers.Most}) AS first_ones
            FROM (
                SELECT d.sequence, row_number() OVER (ORDER BY d.sequence) AS place
                FROM requirements n JOIN checkpoints d ON d.session_key = n.session_key AND d.sequence = n.sequence
                WHERE n.session_key = c.session_key AND n.required_sequence = c.sequence AND NOT d.removed AND NOT EXISTS (
                    SELECT FROM removed_ranges r WHERE r.session_key = d.session_key
                    AND r.first_sequence <= d.sequence AND r.last_sequence >= d.sequence)) v) q ON true
        """;

    /// <summary>
    /// The rows that the state of <c>c</c> is decoded on, gathered in one row. If all of its group up to it is one line, as it
    /// mostly is, they are one range of the primary key, and read as that; if not, none is read. A statement that can do both
    /// takes the server longer to set up than such a range takes to be read.
    /// </summary>
    public static string LineJoin(CheckpointParts parts) => !parts.HasFlag(CheckpointParts.State) ? "" : $"""
        LEFT JOIN LATERAL (
            SELECT {Gathered}
            FROM checkpoints g
            WHERE c.base_sequence IS NOT NULL AND g.session_key = c.session_key
                AND g.sequence >= c.group_sequence AND g.sequence < c.sequence
                AND (g.group_sequence = c.group_sequence OR g.sequence = c.group_sequence) AND {IsOneLine}) b ON true
        """;

    /// <summary>
    /// The same, followed one by one: what stands beside them may be any number of large states.
    /// </summary>
    public static string PathJoin(CheckpointParts parts) => !parts.HasFlag(CheckpointParts.State) ? "" : $"""
        LEFT JOIN LATERAL (
            SELECT {Gathered}
            FROM (
                WITH RECURSIVE path AS (
                    SELECT {Base}
                    FROM checkpoints g
                    WHERE c.base_sequence IS NOT NULL AND g.session_key = c.session_key
                        AND g.sequence = c.base_sequence AND g.sequence < c.sequence
                    UNION ALL
                    SELECT n.*
                    FROM path p CROSS JOIN LATERAL (
                        SELECT {Base}
                        FROM checkpoints g
                        WHERE g.session_key = c.session_key AND g.sequence = p.base_sequence AND g.sequence < p.sequence
                        OFFSET 0) n)
                SELECT * FROM path) g) b ON true
        """;

    /// <summary>Takes what <see cref="Select"/> named from a row.</summary>
    public static async Task<CheckpointRead> ReadAsync(RowReader from, CheckpointParts parts, CancellationToken cancellationToken)
    {
        var row = Read(from);
        var requirers = parts.HasFlag(CheckpointParts.Requirers)
            ? new Requirers(from.Long(), await from.OptionalAsync<long[]>(cancellationToken) ?? [])
            : Requirers.None;
        IReadOnlyList<Annotation> notes =
            parts.HasFlag(CheckpointParts.Annotations) ? await ReadNotesAsync(from, cancellationToken) : [];
        if (!parts.HasFlag(CheckpointParts.State))
        {
            return new(row, [], notes) { Requirers = requirers };
        }

        var bases = await ReadBasesAsync(from, row, cancellationToken);
        return new(row with { Stored = await from.ValueAsync<byte[]>(cancellationToken) }, bases, notes) { Requirers = requirers };
    }

    /// <summary>The same of a summary.</summary>
    public static StoredCheckpoint Read(RowReader from) => Summary.Read(from);

    private static async Task<IReadOnlyList<EncodedState>> ReadBasesAsync(
        RowReader from, StoredCheckpoint row, CancellationToken cancellationToken)
    {
        var sequences = await from.OptionalAsync<long[]>(cancellationToken);
        var ids = await from.OptionalAsync<Guid[]>(cancellationToken);
        var codecs = await from.OptionalAsync<short[]>(cancellationToken);
        var bases = await from.OptionalAsync<long?[]>(cancellationToken);
        var groups = await from.OptionalAsync<long?[]>(cancellationToken);
        var sizes = await from.OptionalAsync<int[]>(cancellationToken);
        var checksums = await from.OptionalAsync<byte[][]>(cancellationToken);
        var states = await from.OptionalAsync<byte[][]>(cancellationToken);
        if (sequences is null)
        {
            return [];
        }

        var places = new Dictionary<long, int>(sequences.Length);
        for (var i = 0; i < sequences.Length; i++)
        {
            places.Add(sequences[i], i);
        }

        return BasePath.Follow(row, sequence => places.TryGetValue(sequence, out var i)
            ? new EncodedState(
                sequence, new CheckpointId(ids![i]), codecs![i], bases![i], groups![i], sizes![i], checksums![i], states![i])
            : null);
    }

    private static async Task<IReadOnlyList<Annotation>> ReadNotesAsync(RowReader from, CancellationToken cancellationToken)
    {
        var positions = await from.OptionalAsync<long[]>(cancellationToken);
        var times = await from.OptionalAsync<DateTimeOffset[]>(cancellationToken);
        var severities = await from.OptionalAsync<short[]>(cancellationToken);
        var texts = await from.OptionalAsync<string[]>(cancellationToken);
        return positions is null
            ? []
            : [.. positions.Select((position, i) =>
                new Annotation(position, times![i], (AnnotationSeverity)severities![i], texts![i]))];
    }
}
