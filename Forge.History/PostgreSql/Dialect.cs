using Forge.History.Sql;

namespace Forge.History.PostgreSql;

/// <summary>How PostgreSQL says it.</summary>
internal sealed class Dialect : SqlDialect
{
    public static Dialect Instance { get; } = new();

    public override char Prefix => '$';

    public override string SkipLocked => " FOR UPDATE SKIP LOCKED";

    public override string KeepKey => " FOR KEY SHARE";

    public override string KeepRow => " FOR SHARE";

    public override string TypeName(SqlType type) => type switch
    {
        SqlType.Long => "bigint",
        SqlType.Int => "integer",
        SqlType.Short => "smallint",
        SqlType.Bool => "boolean",
        SqlType.Text => "text",
        SqlType.Guid => "uuid",
        SqlType.Time => "timestamptz",
        SqlType.Bytes => "bytea",
        SqlType.Texts => "text[]",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    public override string Least(string one, string other) => $"least({one}, {other})";

    public override string StillInOrder(string order) => $"ORDER BY {order}";

    public override string In(string value, string parameter) => $"{value} = ANY ({parameter})";

    public override string Each(string list) => $"unnest({list}) AS each (value)";

    public override string IsSettled(string transaction) =>
        $"{transaction} < pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

    /// <summary>The values of a parameter that is a list, a row each, in a select list.</summary>
    /// <remarks>
    /// Unnested in the list of what is selected, arrays are walked side by side as the rows are read; as a function in FROM
    /// each would be written out first, which costs a sixth of a commit of small rows. Lists of texts differ in length and are
    /// sent as their text forms.
    /// </remarks>
    public string Unnest(SqlType type, string parameter) => type == SqlType.Texts
        ? $"unnest({parameter}::text[])::text[]"
        : $"unnest({parameter}::{TypeName(type)}[])";

    public override SqlInsert<TRow> Insert<TRow>(Table<TRow> table, string conflict = "")
    {
        Column<TRow>[] columns = [.. table.Written];
        var (key, of) = table.IsUnderSession ? ($"{Table<TRow>.SessionKey}, ", "@session_key, ") : ("", "");
        return new(
            Statement($"""
                INSERT INTO {table.Name} ({key}{string.Join(", ", columns.Select(c => c.Name))})
                SELECT {of}{string.Join(", ", columns.Select(c => $"{Unnest(c.Type, $"@{c.Name}")} AS {c.Name}"))} {conflict}
                """),
            columns,
            table.IsUnderSession);
    }
}
