using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.Snapshots;

/// <summary>Reads the index of what checkpoints require.</summary>
internal sealed class RequirementRows(SqlDialect dialect)
{
    private static readonly Selection<Requirement> All = HistoryTables.Requirements.All;

    private readonly SqlStatement _any = dialect.Statement(
        $"SELECT EXISTS (SELECT 1 FROM requirements q WHERE q.session_key = @key AND {IsVisible("@key", "q.sequence")})");

    private readonly SqlStatement _unmet = dialect.Statement($"""
        SELECT {All.Of("q")} FROM requirements q
        WHERE q.session_key = @staged AND NOT {IsVisible("@staged", "q.required_sequence")} AND NOT {IsVisible("@key", "q.required_sequence")}
        ORDER BY q.sequence, q.required_sequence LIMIT 1
        """);

    private readonly SqlStatement _of = dialect.Statement($"""
        SELECT {All.Of("q")} FROM requirements q
        WHERE q.session_key = @key AND {dialect.In("q.required_sequence", "@required")} AND q.sequence >= @first AND q.sequence <= @last
        """);

    private readonly SqlStatement _visible = dialect.Statement($"""
        SELECT each.value FROM {dialect.Each("@sequences")} WHERE {IsVisible("@key", "each.value")}
        """);

    // What a row's text says stands in it between commas.
    private readonly SqlStatement _surplus = dialect.Statement("""
        SELECT DISTINCT q.sequence FROM requirements q
        WHERE q.session_key = @key AND q.sequence > @after AND NOT EXISTS (
            SELECT 1 FROM checkpoints c WHERE c.session_key = @key AND c.sequence = q.sequence
                AND ',' || c.requires || ',' LIKE '%,' || CAST(q.required_sequence AS text) || ',%')
        ORDER BY q.sequence LIMIT @limit
        """);

    /// <summary>True if a checkpoint that is visible requires another one.</summary>
    public ValueTask<bool> AnyAsync(SqlTransaction transaction, long key) =>
        transaction.ReadOneAsync(_any, row => row.Bool(), ("key", key));

    /// <summary>
    /// What a staged checkpoint requires that is neither staged nor visible in the session that is to take it over; null if there is
    /// nothing.
    /// </summary>
    /// <param name="transaction">What to read in.</param>
    /// <param name="staged">The key of the staging.</param>
    /// <param name="key">The session; 0 if it is not there.</param>
    public ValueTask<Requirement?> UnmetAsync(SqlTransaction transaction, long staged, long key) =>
        transaction.ReadOneAsync(_unmet, row => (Requirement?)All.Read(row), ("staged", staged), ("key", key));

    /// <summary>The rows of some that are required, by checkpoints from one sequence to another.</summary>
    public ValueTask<List<Requirement>> ReadAsync(SqlTransaction transaction, long key, long[] required, SequenceRange by) =>
        transaction.ReadAllAsync(_of, All.Read, ("key", key), ("required", required), ("first", by.First), ("last", by.Last));

    /// <summary>Those of some sequences whose checkpoints are visible.</summary>
    public ValueTask<List<long>> VisibleAsync(SqlTransaction transaction, long key, long[] sequences) =>
        transaction.ReadAllAsync(_visible, row => row.Long(), ("key", key), ("sequences", sequences));

    /// <summary>Sequences after one, rising, of checkpoints that rows say require what they do not.</summary>
    public ValueTask<List<long>> SurplusAsync(SqlTransaction transaction, long key, long after, int limit) =>
        transaction.ReadAllAsync(_surplus, row => row.Long(), ("key", key), ("after", after), ("limit", limit));

    private static string IsVisible(string key, string sequence) => $"""
        EXISTS (
            SELECT 1 FROM checkpoints c WHERE c.session_key = {key} AND c.sequence = {sequence} AND NOT c.removed
                AND NOT EXISTS (SELECT 1 FROM removed_ranges r
                    WHERE r.session_key = {key} AND r.first_sequence <= c.sequence AND r.last_sequence >= c.sequence))
        """;
}
