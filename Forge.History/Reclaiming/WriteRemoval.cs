using Forge.History.Sql;

namespace Forge.History.Reclaiming;

/// <summary>
/// Removes pending writes a step at a time. A checkpoint may have thousands of them, of a MiB each: they go before its row does, so that
/// no transaction takes them all.
/// </summary>
internal sealed class WriteRemoval
{
    private const string Removed = """
        FROM removed_ranges r CROSS JOIN pending_writes w
        WHERE r.session_key = @key AND w.session_key = @key AND w.sequence >= r.first_sequence AND w.sequence <= r.last_sequence
        """;

    private readonly SqlStatement _any;
    private readonly SqlStatement _ofRemoved;

    public WriteRemoval(SqlDialect dialect)
    {
        _any = dialect.Statement($"SELECT EXISTS (SELECT 1 FROM pending_writes w WHERE w.session_key = @key)");
        _ofRemoved = Some(dialect, Removed);
    }

    /// <summary>True if a row <c>removed_ranges</c> covers a pending write.</summary>
    public const string IsLeftInRange = """
        EXISTS (
            SELECT 1 FROM pending_writes w WHERE w.session_key = @key AND w.sequence >= removed_ranges.first_sequence
                AND w.sequence <= removed_ranges.last_sequence)
        """;

    /// <summary>True if a pending write of a session is left that a removed range covers.</summary>
    public const string IsLeft = $"EXISTS (SELECT 1 {Removed})";

    /// <summary>The statement that removes some of a session's writes, whatever checkpoint they are of.</summary>
    public static SqlStatement OfSession(SqlDialect dialect) =>
        Some(dialect, "FROM pending_writes w WHERE w.session_key = @key");

    /// <summary>Removes some writes of checkpoints that were removed; true if none is left of them.</summary>
    public async ValueTask<bool> StepAsync(SqlTransaction transaction, long key, int limit) =>
        !await transaction.ReadOneAsync(_any, row => row.Bool(), ("key", key))
        || await transaction.ExecuteAsync(_ofRemoved, ("key", key), ("limit", limit), ("bytes", WorkStep.StoredBytes)) == 0;

    // Rows until the bytes before a row reach the bound: the first one always.
    private static SqlStatement Some(SqlDialect dialect, string from) => dialect.Statement($"""
        WITH chosen AS MATERIALIZED (
            SELECT c.sequence, c.task, c.write_index FROM (
                SELECT f.sequence, f.task, f.write_index,
                    sum(f.size) OVER (ORDER BY f.sequence, f.task, f.write_index ROWS UNBOUNDED PRECEDING) - f.size AS bytes
                FROM (SELECT w.sequence, w.task, w.write_index, length(w.value) AS size {from} LIMIT @limit) f) c
            WHERE c.bytes < @bytes)
        DELETE FROM pending_writes WHERE session_key = @key
            AND (sequence, task, write_index) IN (SELECT sequence, task, write_index FROM chosen)
        """);
}
