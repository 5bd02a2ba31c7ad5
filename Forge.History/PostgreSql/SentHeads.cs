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

    /// <summary>What is sent of sessions that are there.</summary>
    public static readonly SentRows<HeadMove> There =
        new("head_", [HeadMove.Written.Single(c => c.Is(ColumnUse.Key)), HeadMove.Expected, .. Moved]);

    /// <summary>What is sent of any sessions.</summary>
    public static readonly SentRows<HeadMove> Any = new("head_", [.. There.Columns, .. HeadMove.Names]);

    /// <summary>The columns that are written.</summary>
    public static readonly string Into =
        $"{HistoryTables.Version}, {HistoryTables.LastBatch}, {string.Join(", ", Moved.Select(c => c.Name))}";

    /// <summary>Their values, of <c>i</c>.</summary>
    public static readonly string Values = Written(c => $"i.{c.Name}");

    /// <summary>Their values, of one row.</summary>
    public static readonly string ValuesOfOne = Written(There.ValueOf);

    public static HeadMove[] Of(CommitBatch batch) => [.. batch.Commits.Select(c => new HeadMove(c, batch.Id))];

    private static string Written(Func<Column<HeadMove>, string> value) =>
        $"{value(HeadMove.Expected)} + 1, @{Batch}, {string.Join(", ", Moved.Select(value))}";
}
