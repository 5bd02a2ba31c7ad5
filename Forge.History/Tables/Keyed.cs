using Forge.History.Sql;

namespace Forge.History.Tables;

/// <summary>A row and the session that it stands under.</summary>
internal readonly record struct Keyed<TRow>(long Key, TRow Row)
{
    /// <summary>The column that names the session.</summary>
    public static readonly Column<Keyed<TRow>> KeyColumn =
        new Column<Keyed<TRow>, long>(Table<TRow>.SessionKey, SqlKinds.Of<long>(false), k => k.Key, null);

    /// <summary>What is written of a table's rows, behind the session.</summary>
    public static IReadOnlyList<Column<Keyed<TRow>>> Written(Table<TRow> table) =>
        [KeyColumn, .. table.Written.Select(c => c.On<Keyed<TRow>>(k => k.Row))];
}
