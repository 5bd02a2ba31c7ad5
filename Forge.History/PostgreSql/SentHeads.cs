using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.PostgreSql;

/// <summary>
/// How head rows are sent: the key, the version that is expected, and what is written but for the version and the batch, which
/// the statements know.
/// </summary>
internal static class SentHeads
{
    public const string Batch = "batch";

    private static readonly Column<HeadMove>[] Moved = [.. HeadMove.Written.Where(
        c => !c.Is(ColumnUse.Key) && c.Name is not (HistoryTables.Version or HistoryTables.LastBatch))];

    private static readonly Column<HeadMove>[] MovedByCreates = [.. Moved.Where(c => !c.Is(ColumnUse.Standing))];

    private static readonly Column<HeadMove>[] Found = [HeadMove.Written.Single(c => c.Is(ColumnUse.Key)), HeadMove.Expected];

    /// <summary>What is sent of sessions in which there is nothing but creates.</summary>
    public static readonly SentRows<HeadMove> OfCreates = new("head_", [.. Found, .. MovedByCreates]);

    /// <summary>What is sent of any sessions.</summary>
    public static readonly SentRows<HeadMove> Any = new("head_", [.. Found, .. Moved, .. HeadMove.Names]);

    /// <summary>The columns that are written.</summary>
    public static readonly string Into = Names(Moved);

    /// <summary>Their values, of <c>i</c>.</summary>
    public static readonly string Values = Written(Moved, c => $"i.{c.Name}");

    /// <summary>The columns that creates write.</summary>
    public static readonly string IntoByCreates = Names(MovedByCreates);

    /// <summary>Their values, of <c>i</c>.</summary>
    public static readonly string ValuesByCreates = Written(MovedByCreates, c => $"i.{c.Name}");

    /// <summary>Their values, of one row.</summary>
    public static readonly string ValuesByOne = Written(MovedByCreates, OfCreates.ValueOf);

    public static HeadMove[] Of(CommitBatch batch) => [.. batch.Commits.Select(c => new HeadMove(c, batch.Id))];

    private static string Names(Column<HeadMove>[] columns) =>
        $"{HistoryTables.Version}, {HistoryTables.LastBatch}, {string.Join(", ", columns.Select(c => c.Name))}";

    private static string Written(Column<HeadMove>[] columns, Func<Column<HeadMove>, string> value) =>
        $"{value(HeadMove.Expected)} + 1, @{Batch}, {string.Join(", ", columns.Select(value))}";
}
