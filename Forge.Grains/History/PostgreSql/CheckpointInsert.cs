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

    private static readonly (string Name, string Type)[] Columns =
    [
        ("session_key", "bigint"), ("sequence", "bigint"), ("id", "uuid"), ("created_at", "timestamptz"),
        ("position", "bigint"), ("parent_sequence", "bigint"), ("message", "text"), ("tags", "text"), ("first_tags", "text"),
        ("trigger_kind", "smallint"), ("content_type", "text"), ("size", "integer"), ("checksum", "bytea"),
        ("codec", "smallint"), ("base_sequence", "bigint"), ("group_sequence", "bigint"), ("stored_size", "integer"),
        ("trunk", "boolean"), ("chain", "bytea"), ("stored", "bytea"),
    ];

    /// <summary>The rows as a query of <c>c</c>, whose parameters begin at a number.</summary>
    public static string SelectFrom(int firstParameter)
    {
        var columns = Columns.Select((c, i) => string.Create(
            CultureInfo.InvariantCulture, $"unnest(${firstParameter + i}::{c.Type}[]) AS {c.Name}"));
        return $"""
            SELECT c.session_key, c.sequence, c.id, c.created_at, c.position, c.parent_sequence, c.message, c.tags::text[],
                c.first_tags::text[], c.trigger_kind, c.content_type, c.size, c.checksum, c.codec, c.base_sequence,
                c.group_sequence, c.stored_size, c.trunk, c.chain, c.stored
            FROM (SELECT {string.Join(", ", columns)}) c
            """;
    }

    /// <summary>One row's values but its key, in the order of <see cref="Into"/>, whose parameters begin at a number.</summary>
    public static string Values(int firstParameter) => string.Join(", ", Columns.Skip(1).Select((c, i) => string.Create(
        CultureInfo.InvariantCulture, $"${firstParameter + i}::{c.Type}{(c.Name is "tags" or "first_tags" ? "[]" : "")}")));

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

    public static void AddParameters(NpgsqlParameterCollection parameters, IReadOnlyList<KeyedCheckpoint> rows)
    {
        parameters.AddColumn(rows, r => r.Key);
        parameters.AddColumn(rows, r => r.Row.Sequence);
        parameters.AddColumn(rows, r => r.Row.Id.Value);
        parameters.AddTimes(rows, r => r.Row.CreatedAt);
        parameters.AddColumn(rows, r => r.Row.Position);
        parameters.AddColumn(rows, r => r.Row.Parent);
        parameters.AddColumn(rows, r => r.Row.Message);
        parameters.AddColumn(rows, r => CommandParameters.ArrayLiteral(r.Row.Tags));
        parameters.AddColumn(rows, r => r.Row.FirstTags is { } first ? CommandParameters.ArrayLiteral(first) : null);
        parameters.AddColumn(rows, r => (short)r.Row.Trigger);
        parameters.AddColumn(rows, r => r.Row.ContentType);
        parameters.AddColumn(rows, r => r.Row.Size);
        parameters.AddColumn(rows, r => r.Row.Checksum);
        parameters.AddColumn(rows, r => r.Row.Codec);
        parameters.AddColumn(rows, r => r.Row.Base);
        parameters.AddColumn(rows, r => r.Row.Group);
        parameters.AddColumn(rows, r => r.Row.StoredSize);
        parameters.AddColumn(rows, r => r.Row.Trunk);
        parameters.AddColumn(rows, r => r.Row.Chain);
        parameters.AddColumn(rows, r => r.Row.Stored);
    }

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
}
