using Forge.History.Sql;

namespace Forge.History.Search;

/// <summary>
/// A walk along an index, in its order from a place on, that looks at a bounded number of rows and takes those that some conditions hold
/// for. So a page costs what it shows and passes over, whatever else the index holds.
/// </summary>
/// <param name="dialect">The database's.</param>
/// <param name="source">The table whose index it is, as <c>d</c>.</param>
/// <param name="place">The columns of a place, in the order of the index.</param>
/// <param name="isFalling">True to go from the greatest to the least.</param>
internal sealed class IndexWalk(SqlDialect dialect, string source, string[] place, bool isFalling)
{
    /// <summary>Columns behind those of the place by which the rest of a row is found.</summary>
    public string[] Carried { get; init; } = [];

    /// <summary>What is a range of the index.</summary>
    public Conditions Bounds { get; } = new();

    /// <summary>What is looked at for each row.</summary>
    public Conditions Wanted { get; } = new();

    /// <summary>Where the rows stand that <see cref="Wanted"/> is said of: a source with its condition that names <c>d</c>.</summary>
    public required string WantedOf { get; init; }

    /// <summary>What is shown, of the chosen places <c>p</c>: a select list behind those of the place, and where it comes from.</summary>
    public required (string Names, string From) Shown { get; init; }

    /// <summary>Only rows behind a place, in the order of the walk.</summary>
    public IndexWalk Behind(params SqlArgument[] values)
    {
        var (columns, names) = (string.Join(", ", place.Select(c => $"d.{c}")), string.Join(", ", values.Select(v => $"@{v.Name}")));
        Bounds.And($"({columns}) {(isFalling ? "<" : ">")} ({names})", values);
        return this;
    }

    /// <summary>A page, with where it goes on if there may be more.</summary>
    /// <param name="transaction">What to read in: all of it at one instant.</param>
    /// <param name="limit">How many rows are taken at the most.</param>
    /// <param name="looked">How many are looked at at the most.</param>
    /// <param name="readPlace">Reads a place, and what is carried behind it.</param>
    /// <param name="readRow">Reads what is shown of it.</param>
    public async ValueTask<(List<(TPlace Place, T Row)> Rows, TPlace? GoesOnAfter)> TakeAsync<TPlace, T>(
        SqlTransaction transaction, int limit, int looked, Func<SqlRow, TPlace> readPlace, Func<SqlRow, T> readRow)
        where TPlace : struct
    {
        // One more than is shown, to know whether there is more. The condition is a value that is asked for row by row: as a join it
        // could be planned as a scan of all that there is.
        var page = dialect.Statement($"""
            WITH p AS MATERIALIZED (
                SELECT {List("d")} FROM (
                    SELECT {List("d")} FROM {source} d WHERE {Bounds.Text} ORDER BY {Order("d")} LIMIT @looked) d
                WHERE (SELECT {Wanted.Text} FROM {WantedOf}) {dialect.StillInOrder(Order("d"))} LIMIT @limit)
            SELECT {List("p")}, {Shown.Names} FROM p {Shown.From} ORDER BY {Order("p")}
            """);
        SqlArgument[] arguments = [.. Bounds.Arguments, .. Wanted.Arguments, ("looked", looked), ("limit", limit + 1)];
        var rows = await transaction.ReadAllAsync(page, row => (Place: readPlace(row), Row: readRow(row)), arguments);
        if (rows.Count > limit)
        {
            rows.RemoveRange(limit, rows.Count - limit);
            return (rows, rows[^1].Place);
        }

        // The last row that was looked at, if there may be more behind it.
        var end = dialect.Statement(
            $"SELECT {List("d")} FROM {source} d WHERE {Bounds.Text} ORDER BY {Order("d")} LIMIT 1 OFFSET @passed");
        var last = await transaction.ReadAllAsync(end, readPlace, [.. Bounds.Arguments, ("passed", looked - 1)]);
        return (rows, last is [var found] ? found : null);
    }

    private string List(string alias) => string.Join(", ", place.Concat(Carried).Select(c => $"{alias}.{c}"));

    private string Order(string alias) => string.Join(", ", place.Select(c => $"{alias}.{c}{(isFalling ? " DESC" : "")}"));
}
