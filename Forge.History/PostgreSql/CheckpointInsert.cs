using Forge.History.Changes;
using Forge.History.Rows;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>A checkpoint's row and the session it goes to.</summary>
internal readonly record struct KeyedCheckpoint(long Key, StoredCheckpoint Row);

/// <summary>How checkpoint rows are sent: by an array a column, or one row by its values. Rows without tags send none.</summary>
internal static class CheckpointInsert
{
    private const string NoTags = "'{}'::text[], NULL::text[]";

    private static readonly SentColumn<KeyedCheckpoint>[] Untagged =
    [
        SentColumn<KeyedCheckpoint>.Of("session_key", "bigint", c => c.Key),
        SentColumn<KeyedCheckpoint>.Of("sequence", "bigint", c => c.Row.Sequence),
        SentColumn<KeyedCheckpoint>.Of("id", "uuid", c => c.Row.Id.Value),
        SentColumn<KeyedCheckpoint>.OfTime("created_at", c => c.Row.CreatedAt),
        SentColumn<KeyedCheckpoint>.Of("position", "bigint", c => c.Row.Position),
        SentColumn<KeyedCheckpoint>.Of("parent_sequence", "bigint", c => c.Row.Parent),
        SentColumn<KeyedCheckpoint>.Of("message", "text", c => c.Row.Message),
        SentColumn<KeyedCheckpoint>.Of("trigger_kind", "smallint", c => (short)c.Row.Trigger),
        SentColumn<KeyedCheckpoint>.Of("content_type", "text", c => c.Row.ContentType),
        SentColumn<KeyedCheckpoint>.Of("size", "integer", c => c.Row.Size),
        SentColumn<KeyedCheckpoint>.Of("checksum", "bytea", c => c.Row.Checksum),
        SentColumn<KeyedCheckpoint>.Of("codec", "smallint", c => c.Row.Codec),
        SentColumn<KeyedCheckpoint>.Of("base_sequence", "bigint", c => c.Row.Base),
        SentColumn<KeyedCheckpoint>.Of("group_sequence", "bigint", c => c.Row.Group),
        SentColumn<KeyedCheckpoint>.Of("stored_size", "integer", c => c.Row.StoredSize),
        SentColumn<KeyedCheckpoint>.Of("trunk", "boolean", c => c.Row.Trunk),
        SentColumn<KeyedCheckpoint>.Of("chain", "bytea", c => c.Row.Chain),
        SentColumn<KeyedCheckpoint>.Of("stored", "bytea", c => c.Row.Stored),
    ];

    private static readonly SentColumn<KeyedCheckpoint>[] Columns =
    [
        .. Untagged,
        SentColumn<KeyedCheckpoint>.Of("tags", "text", c => CommandParameters.ArrayLiteral(c.Row.Tags)),
        SentColumn<KeyedCheckpoint>.Of(
            "first_tags", "text", c => c.Row.FirstTags is { } first ? CommandParameters.ArrayLiteral(first) : null),
    ];

    private static readonly string OfUntagged = string.Join(", ", Untagged.Select(c => $"c.{c.Name}"));

    public static readonly string Into = $"INSERT INTO checkpoints ({SentColumns.Names(Columns)})";

    /// <summary>The rows as a query of <c>c</c>, whose parameters begin at a number.</summary>
    public static string SelectFrom(int firstParameter) =>
        $"SELECT {OfUntagged}, c.tags::text[], c.first_tags::text[] FROM ({SentColumns.Rows(Columns, firstParameter)}) c";

    /// <summary>The same of rows without tags.</summary>
    public static string SelectUntaggedFrom(int firstParameter) =>
        $"SELECT {OfUntagged}, {NoTags} FROM ({SentColumns.Rows(Untagged, firstParameter)}) c";

    /// <summary>The values of one row without tags, whose parameters begin at a number.</summary>
    public static string UntaggedFrom(int firstParameter) =>
        $"{string.Join(", ", SentColumns.Values(Untagged, firstParameter))}, {NoTags}";

    public static List<KeyedCheckpoint> Rows(IReadOnlyList<SessionCommit> commits)
    {
        var rows = new List<KeyedCheckpoint>();
        foreach (var commit in commits)
        {
            for (var i = 0; i < commit.Changes.Count; i++)
            {
                if (commit.Changes[i] is Created { Row: var row })
                {
                    rows.Add(new(commit.Head.Key, row));
                }
            }
        }

        return rows;
    }

    /// <summary>The parameters of <see cref="SelectFrom"/>.</summary>
    public static void AddArrays(NpgsqlParameterCollection parameters, IReadOnlyList<KeyedCheckpoint> rows) =>
        Array.ForEach(Columns, c => c.AddArray(parameters, rows));

    /// <summary>The parameters of <see cref="SelectUntaggedFrom"/>.</summary>
    public static void AddUntagged(NpgsqlParameterCollection parameters, IReadOnlyList<KeyedCheckpoint> rows) =>
        Array.ForEach(Untagged, c => c.AddArray(parameters, rows));

    /// <summary>The parameters of <see cref="UntaggedFrom"/>.</summary>
    public static void AddUntagged(NpgsqlParameterCollection parameters, KeyedCheckpoint row) =>
        Array.ForEach(Untagged, c => c.AddValue(parameters, row));
}
