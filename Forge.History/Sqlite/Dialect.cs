using Forge.History.Sql;

namespace Forge.History.Sqlite;

/// <summary>How SQLite says it. It has one writer at a time, so that no row has to be held against another.</summary>
internal sealed class Dialect : SqlDialect
{
    public static Dialect Instance { get; } = new();

    public override char Prefix => '?';

    public override string SkipLocked => "";

    public override string KeepKey => "";

    public override string KeepRow => "";

    public override string TypeName(SqlType type) => type switch
    {
        SqlType.Long or SqlType.Int or SqlType.Short or SqlType.Bool or SqlType.Time => "INTEGER",
        SqlType.Text or SqlType.Texts => "TEXT",
        SqlType.Guid or SqlType.Bytes => "BLOB",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    public override string Least(string one, string other) => $"min({one}, {other})";

    public override string StillInOrder(string order) => "";

    public override string In(string value, string parameter) => $"{value} IN (SELECT value FROM json_each({parameter}))";

    public override string Each(string list) => $"json_each({list}) AS each";

    /// <remarks>One connection writes, and what is read is of one instant.</remarks>
    public override string IsSettled(string transaction) => "1 = 1";

    public override SqlInsert<TRow> Insert<TRow>(Table<TRow> table, string conflict = "")
    {
        Column<TRow>[] columns = [.. table.Written];
        string[] names = [.. table.IsUnderSession ? [Table<TRow>.SessionKey] : Array.Empty<string>(), .. columns.Select(c => c.Name)];
        var values = string.Join(", ", names.Select(name => $"@{name}"));
        return new(
            Statement($"INSERT INTO {table.Name} ({string.Join(", ", names)}) VALUES ({values}){(conflict.Length == 0 ? "" : $" {conflict}")}"),
            columns,
            table.IsUnderSession);
    }
}
