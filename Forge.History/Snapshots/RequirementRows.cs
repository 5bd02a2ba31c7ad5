using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.Snapshots;

/// <summary>Reads the index of what checkpoints require.</summary>
internal sealed class RequirementRows(SqlDialect dialect)
{
    private const int PageRows = 10_000;

    private static readonly Selection<Requirement> All = HistoryTables.Requirements.All;

    private readonly SqlStatement _any = dialect.Statement(
        $"SELECT EXISTS (SELECT 1 FROM requirements q WHERE q.session_key = @key AND {IsVisible("@key", "q.sequence")})");

    private readonly SqlStatement _metOfStaged = Page(
        dialect, $"{IsVisible("@key", "q.required_sequence")} OR {IsVisible("@session", "q.required_sequence")}");

    private readonly SqlStatement _of = dialect.Statement($"""
        SELECT {All.Of("q")} FROM requirements q
        WHERE q.session_key = @key AND {dialect.In("q.required_sequence", "@required")} AND q.sequence >= @first AND q.sequence <= @last
        """);

    private readonly SqlStatement _visible = dialect.Statement($"""
        SELECT each.value FROM {dialect.Each("@sequences")} WHERE {IsVisible("@key", "each.value")}
        """);

    // What a row's text says stands in it between commas.
    private readonly SqlStatement _said = Page(dialect, """
        EXISTS (SELECT 1 FROM checkpoints c WHERE c.session_key = @key AND c.sequence = q.sequence
            AND ',' || c.requires || ',' LIKE '%,' || CAST(q.required_sequence AS text) || ',%')
        """);

    /// <summary>True if a checkpoint that is visible requires another one.</summary>
    public ValueTask<bool> AnyAsync(SqlTransaction transaction, long key) =>
        transaction.ReadOneAsync(_any, row => row.Bool(), ("key", key));

    /// <summary>
    /// The first that a staged checkpoint requires and that is neither staged nor visible in the session that is to take it over; null
    /// if there is none.
    /// </summary>
    /// <param name="transaction">What to read in.</param>
    /// <param name="staged">The key of the staging.</param>
    /// <param name="key">The session; 0 if it is not there.</param>
    public async ValueTask<Requirement?> UnmetAsync(SqlTransaction transaction, long staged, long key)
    {
        var after = default(Requirement);
        while (true)
        {
            var page = await transaction.ReadAllAsync(
                _metOfStaged, Read, ("key", staged), ("session", key), ("required", after.Required), ("by", after.Sequence), ("limit", PageRows));
            foreach (var (row, isMet) in page)
            {
                if (!isMet)
                {
                    return row;
                }
            }

            if (page.Count < PageRows)
            {
                return null;
            }

            after = page[^1].Row;
        }
    }

    /// <summary>The rows of some that are required, by checkpoints from one sequence to another.</summary>
    public ValueTask<List<Requirement>> ReadAsync(SqlTransaction transaction, long key, long[] required, SequenceRange by) =>
        transaction.ReadAllAsync(_of, All.Read, ("key", key), ("required", required), ("first", by.First), ("last", by.Last));

    /// <summary>Those of some sequences whose checkpoints are visible.</summary>
    public ValueTask<List<long>> VisibleAsync(SqlTransaction transaction, long key, long[] sequences) =>
        transaction.ReadAllAsync(_visible, row => row.Long(), ("key", key), ("sequences", sequences));

    /// <summary>Rows after one, by what is required and by whom, each with whether the checkpoint's own row says so.</summary>
    public async ValueTask<IReadOnlyList<(Requirement Row, bool IsSaid)>> SaidAsync(
        SqlTransaction transaction, long key, Requirement after, int limit) =>
        await transaction.ReadAllAsync(
            _said, Read, ("key", key), ("required", after.Required), ("by", after.Sequence), ("limit", limit));

    private static (Requirement Row, bool Holds) Read(SqlRow row) => (All.Read(row), row.Bool());

    // A page at a time, so that no statement takes longer where there are many.
    private static SqlStatement Page(SqlDialect dialect, string holds) => dialect.Statement($"""
        SELECT {All.Of("q")}, {holds} FROM requirements q
        WHERE q.session_key = @key AND (q.required_sequence, q.sequence) > (@required, @by)
        ORDER BY q.required_sequence, q.sequence LIMIT @limit
        """);

    private static string IsVisible(string key, string sequence) => $"""
        EXISTS (
            SELECT 1 FROM checkpoints c WHERE c.session_key = {key} AND c.sequence = {sequence} AND NOT c.removed
                AND NOT EXISTS (SELECT 1 FROM removed_ranges r
                    WHERE r.session_key = {key} AND r.first_sequence <= c.sequence AND r.last_sequence >= c.sequence))
        """;
}
