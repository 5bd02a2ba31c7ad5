namespace Forge.History.PostgreSql;

/// <summary>What makes a checkpoint <c>c</c> of a session <c>s</c> visible, as conditions of a query.</summary>
internal static class Visibility
{
    /// <summary>For one row.</summary>
    public const string OfOne = """
        s.deleted_at IS NULL AND NOT c.removed AND NOT EXISTS (
            SELECT FROM removed_ranges r WHERE r.session_key = c.session_key
            AND r.first_sequence <= c.sequence AND r.last_sequence >= c.sequence)
        """;

    /// <summary>To be joined once for a query of many rows: all removed ranges as one value that is searched fast.</summary>
    public const string RemovedJoin = """
        CROSS JOIN LATERAL (
            SELECT coalesce(range_agg(int8range(r.first_sequence, r.last_sequence, '[]')), '{}'::int8multirange) AS ranges
            FROM removed_ranges r WHERE r.session_key = s.session_key) removed
        """;

    /// <summary>For many rows, with <see cref="RemovedJoin"/>.</summary>
    public const string OfMany = "s.deleted_at IS NULL AND NOT c.removed AND NOT c.sequence <@ removed.ranges";
}
