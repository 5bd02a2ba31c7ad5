using Forge.History.Sql;

namespace Forge.History.Lineage;

/// <summary>
/// How a query finds the nearest visible ancestor of a checkpoint: along the parents of rows that nobody sees, and past those of which a
/// record tells, whose rows may be gone.
/// </summary>
/// <param name="dialect">The database.</param>
/// <param name="key">The session, as the query names it.</param>
internal sealed class LineageWalk(SqlDialect dialect, string key)
{
    /// <summary>A value that is null if a sequence is of no visible checkpoint. Not a join, so that it is one look by the key.</summary>
    public string Visible(string sequence) => $"""
        (SELECT v.sequence FROM checkpoints v WHERE v.session_key = {key} AND v.sequence = {sequence} AND NOT v.removed
            AND NOT EXISTS (SELECT 1 FROM removed_ranges r WHERE r.session_key = {key}
                AND r.first_sequence <= {sequence} AND r.last_sequence >= {sequence}))
        """;

    /// <summary>
    /// The nearest visible one of a checkpoint and its ancestors, as a value; 0 if there is none. One that nothing is known of has no
    /// ancestor.
    /// </summary>
    /// <param name="sequence">The checkpoint.</param>
    public string Nearest(string sequence) => $"""
        (WITH RECURSIVE walk (at) AS (
            SELECT {sequence}
            UNION ALL
            SELECT {Above("w.at")}
            FROM walk w WHERE w.at > 0 AND {Visible("w.at")} IS NULL)
        SELECT min(at) FROM walk)
        """;

    /// <summary>What a checkpoint followed, as far as it is known, visible or not; 0 for nothing. Whatever a damaged row says, it is before it.</summary>
    public string Above(string sequence) =>
        dialect.Least($"{sequence} - 1", $"coalesce({Record(sequence)}, {Parent(sequence)}, 0)");

    private string Record(string sequence) => $"""
        (SELECT l.ancestor_sequence FROM lineage l WHERE l.session_key = {key} AND l.last_sequence >= {sequence}
            AND l.first_sequence = (SELECT b.first_sequence FROM lineage b
                WHERE b.session_key = {key} AND b.first_sequence <= {sequence} ORDER BY b.first_sequence DESC LIMIT 1))
        """;

    private string Parent(string sequence) =>
        $"(SELECT p.parent_sequence FROM checkpoints p WHERE p.session_key = {key} AND p.sequence = {sequence})";
}
