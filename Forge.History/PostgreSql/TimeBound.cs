namespace Forge.History.PostgreSql;

/// <summary>
/// A bound on times as one on sequences: times never fall from one sequence to the next, and no index is on them.
/// </summary>
internal static class TimeBound
{
    /// <summary>
    /// To be joined to a session <c>s</c>: its column <c>sequence</c> parts the rows below the bound from the others. It is
    /// found by halving: every row under <c>low</c> is below, and none from <c>high</c> on is.
    /// </summary>
    /// <param name="name">The name of the join.</param>
    /// <param name="isBelow">How the time of a row below the bound compares to the bound.</param>
    /// <param name="parameter">The parameter that has the time.</param>
    public static string Join(string name, string isBelow, string parameter) => $"""
        CROSS JOIN LATERAL (
            WITH RECURSIVE search (low, high) AS (
                SELECT 1::bigint, s.last_sequence + 1
                UNION ALL
                SELECT CASE WHEN probe.is_below THEN probe.sequence + 1 ELSE search.low END,
                    CASE WHEN probe.is_below THEN search.high ELSE middle.sequence END
                FROM search
                CROSS JOIN LATERAL (SELECT search.low + (search.high - search.low) / 2 AS sequence) middle
                LEFT JOIN LATERAL (
                    SELECT c.sequence, c.created_at {isBelow} {parameter} AS is_below FROM checkpoints c
                    WHERE c.session_key = s.session_key AND c.sequence >= middle.sequence
                    ORDER BY c.sequence LIMIT 1) probe ON true
                WHERE search.low < search.high)
            SELECT max(low) AS sequence FROM search) {name}
        """;
}
