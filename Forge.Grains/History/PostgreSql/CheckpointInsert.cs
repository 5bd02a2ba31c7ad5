using System.Globalization;
using Npgsql;

namespace Forge.Grains.History.PostgreSql;

/// <summary>A checkpoint's row and the session it goes to.</summary>
internal readonly record struct KeyedCheckpoint(long Key, StoredCheckpoint Row);

/// <summary>How checkpoint rows are sent: one array a column.</summary>
internal static class CheckpointInsert
{
    public const string Into =
        "INSERT INTO checkpoints (session_key, sequence, id, created_at, position, parent_sequence, message, tags, first_tags, " +
        "trigger_kind, content_type, size, checksum, codec, base_sequence, group_sequence, stored_size, trunk, chain, stored)";

    private static readonly Column[] Columns =
    [
        new("session_key", "bigint", (p, rows) => p.AddColumn(rows, r => r.Key)),
        new("sequence", "bigint", (p, rows) => p.AddColumn(rows, r => r.Row.Sequence)),
        new("id", "uuid", (p, rows) => p.AddColumn(rows, r => r.Row.Id.Value)),
        new("created_at", "timestamptz", (p, rows) => p.AddTimes(rows, r => r.Row.CreatedAt)),
        new("position", "bigint", (p, rows) => p.AddColumn(rows, r => r.Row.Position)),
        new("parent_sequence", "bigint", (p, rows) => p.AddColumn(rows, r => r.Row.Parent)),
        new("message", "text", (p, rows) => p.AddColumn(rows, r => r.Row.Message)),
        new("tags", "text", (p, rows) => p.AddColumn(rows, r => CommandParameters.ArrayLiteral(r.Row.Tags)))
        {
            Of = "c.tags::text[]", OfUntagged = "'{}'::text[]",
        },
        new("first_tags", "text", (p, rows) => p.AddColumn(
            rows, r => r.Row.FirstTags is { } first ? CommandParameters.ArrayLiteral(first) : null))
        {
            Of = "c.first_tags::text[]", OfUntagged = "NULL::text[]",
        },
        new("trigger_kind", "smallint", (p, rows) => p.AddColumn(rows, r => (short)r.Row.Trigger)),
        new("content_type", "text", (p, rows) => p.AddColumn(rows, r => r.Row.ContentType)),
        new("size", "integer", (p, rows) => p.AddColumn(rows, r => r.Row.Size)),
        new("checksum", "bytea", (p, rows) => p.AddColumn(rows, r => r.Row.Checksum)),
        new("codec", "smallint", (p, rows) => p.AddColumn(rows, r => r.Row.Codec)),
        new("base_sequence", "bigint", (p, rows) => p.AddColumn(rows, r => r.Row.Base)),
        new("group_sequence", "bigint", (p, rows) => p.AddColumn(rows, r => r.Row.Group)),
        new("stored_size", "integer", (p, rows) => p.AddColumn(rows, r => r.Row.StoredSize)),
        new("trunk", "boolean", (p, rows) => p.AddColumn(rows, r => r.Row.Trunk)),
        new("chain", "bytea", (p, rows) => p.AddColumn(rows, r => r.Row.Chain)),
        new("stored", "bytea", (p, rows) => p.AddColumn(rows, r => r.Row.Stored)),
    ];

    private static readonly Column[] Untagged = [.. Columns.Where(c => c.OfUntagged is null)];

    /// <summary>The rows as a query of <c>c</c>, whose parameters begin at a number.</summary>
    public static string SelectFrom(int firstParameter) => Select(Columns, firstParameter, c => c.Of);

    /// <summary>The same of rows without tags, which need fewer parameters.</summary>
    public static string SelectUntaggedFrom(int firstParameter) => Select(Untagged, firstParameter, c => c.OfUntagged ?? c.Of);

    /// <summary>One row's values but its key, in the order of <see cref="Into"/>, whose parameters begin at a number.</summary>
    public static string Values(int firstParameter) => string.Join(", ", Columns.Skip(1).Select((c, i) => string.Create(
        CultureInfo.InvariantCulture, $"${firstParameter + i}::{c.Type}{(c.OfUntagged is null ? "" : "[]")}")));

    public static List<KeyedCheckpoint> Rows<T>(
        IReadOnlyList<T> items, Func<T, long> key, Func<T, IReadOnlyList<StoredCheckpoint>> checkpoints)
    {
        var rows = new List<KeyedCheckpoint>();
        foreach (var item in items)
        {
            foreach (var row in checkpoints(item))
            {
                rows.Add(new(key(item), row));
            }
        }

        return rows;
    }

    /// <summary>The parameters of <see cref="SelectFrom"/>.</summary>
    public static void AddParameters(NpgsqlParameterCollection parameters, IReadOnlyList<KeyedCheckpoint> rows) =>
        Array.ForEach(Columns, c => c.Add(parameters, rows));

    /// <summary>The parameters of <see cref="SelectUntaggedFrom"/>.</summary>
    public static void AddUntagged(NpgsqlParameterCollection parameters, IReadOnlyList<KeyedCheckpoint> rows) =>
        Array.ForEach(Untagged, c => c.Add(parameters, rows));

    /// <summary>The parameters of <see cref="Values"/>.</summary>
    public static void AddValues(NpgsqlParameterCollection parameters, StoredCheckpoint row)
    {
        parameters.AddValue(row.Sequence);
        parameters.AddValue(row.Id.Value);
        parameters.AddValue(row.CreatedAt);
        parameters.AddValue(row.Position);
        parameters.AddValue(row.Parent);
        parameters.AddValue(row.Message);
        parameters.AddValue(row.Tags as string[] ?? [.. row.Tags]);
        parameters.AddValue(row.FirstTags?.ToArray());
        parameters.AddValue((short)row.Trigger);
        parameters.AddValue(row.ContentType);
        parameters.AddValue(row.Size);
        parameters.AddValue(row.Checksum);
        parameters.AddValue(row.Codec);
        parameters.AddValue(row.Base);
        parameters.AddValue(row.Group);
        parameters.AddValue(row.StoredSize);
        parameters.AddValue(row.Trunk);
        parameters.AddValue(row.Chain);
        parameters.AddValue(row.Stored);
    }

    private static string Select(Column[] sent, int firstParameter, Func<Column, string> value) =>
        $"SELECT {string.Join(", ", Columns.Select(value))} FROM ({ArrayColumns.Select(sent.Select(c => (c.Name, c.Type)), firstParameter)}) c";

    /// <summary>A column, and how it is sent for many rows.</summary>
    private sealed record Column(string Name, string Type, Action<NpgsqlParameterCollection, IReadOnlyList<KeyedCheckpoint>> Add)
    {
        /// <summary>What is inserted of it.</summary>
        public string Of { get; init; } = $"c.{Name}";

        /// <summary>What is inserted where the rows have no tags and it is not sent; null where it is sent all the same.</summary>
        public string? OfUntagged { get; init; }
    }
}
