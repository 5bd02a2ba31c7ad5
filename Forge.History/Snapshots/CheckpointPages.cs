using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.Snapshots;

/// <summary>Reads the checkpoints of a session page by page, with their states as they are stored.</summary>
internal sealed class CheckpointPages(SqlDialect dialect)
{
    private const int PageRows = 256;
    private const long PageBytes = 4 * 1024 * 1024;

    private static readonly Selection<StoredCheckpoint> All = HistoryTables.Checkpoints.All;

    // What the rows and their annotations hold is summed up before any is read: a page ends with the row that brings it to the
    // bound.
    private readonly SqlStatement _page = dialect.Statement($"""
        SELECT {All.Of("c")}, c.removed FROM (
            SELECT f.sequence, sum(f.bytes) OVER (ORDER BY f.sequence ROWS UNBOUNDED PRECEDING) - f.bytes AS before
            FROM (
                SELECT c.sequence, length(c.stored) + octet_length(c.message) + octet_length(CAST(c.tags AS text)) + coalesce((
                    SELECT sum(octet_length(a.text)) FROM annotations a
                    WHERE a.session_key = @key AND a.sequence = c.sequence), 0) AS bytes
                FROM checkpoints c WHERE c.session_key = @key AND c.sequence > @after
                ORDER BY c.sequence LIMIT @limit) f) w
        JOIN checkpoints c ON c.session_key = @key AND c.sequence = w.sequence
        WHERE w.before < @bytes ORDER BY c.sequence
        """);

    private readonly SqlStatement _ranges = dialect.Statement(
        $"SELECT {HistoryTables.RemovedRanges.All.Names} FROM removed_ranges WHERE session_key = @key");

    private readonly SqlStatement _trunks = dialect.Statement(
        $"SELECT {HistoryTables.TrunkRanges.All.Names} FROM trunk_ranges WHERE session_key = @key");

    // Of checkpoints that are there, which a page has counted.
    private readonly SqlStatement _annotations = dialect.Statement($"""
        SELECT {HistoryTables.Annotations.All.Of("a")} FROM annotations a
        WHERE a.session_key = @key AND a.sequence >= @first AND a.sequence <= @last AND {IsThere("a")} IS NOT NULL
        ORDER BY a.sequence, a.position
        """);

    /// <summary>
    /// A value that is null if there is no row of the checkpoint that a row of <paramref name="alias"/> is of, in a session
    /// <c>@key</c>. Not a join, so that it is one look by the key whatever is planned.
    /// </summary>
    public static string IsThere(string alias) =>
        $"(SELECT t.sequence FROM checkpoints t WHERE t.session_key = @key AND t.sequence = {alias}.sequence)";

    /// <summary>Rows after a sequence, by rising sequence: at least one if there is any, and no more than a few MiB.</summary>
    /// <param name="transaction">What to read in.</param>
    /// <param name="key">The session.</param>
    /// <param name="after">The sequence.</param>
    /// <param name="read">Reads a row, of the whole table's columns, and whether it is marked as kept for others alone.</param>
    public ValueTask<List<T>> ReadAsync<T>(SqlTransaction transaction, long key, long after, Func<SqlRow, T> read) =>
        transaction.ReadAllAsync(_page, read, ("key", key), ("after", after), ("limit", PageRows), ("bytes", PageBytes));

    /// <summary>What the removed ranges of a session cover.</summary>
    public async ValueTask<RemovedSequences> RemovedAsync(SqlTransaction transaction, long key) =>
        new(await transaction.ReadAllAsync(_ranges, HistoryTables.RemovedRanges.All.Read, ("key", key)));

    /// <summary>The checkpoints of a session that were marked as trunks by ranges: whatever is visible in them.</summary>
    public async ValueTask<RemovedSequences> TrunksAsync(SqlTransaction transaction, long key) =>
        new(await transaction.ReadAllAsync(_trunks, HistoryTables.TrunkRanges.All.Read, ("key", key)));

    /// <summary>The annotations of checkpoints that are there, from one sequence to another, by rising sequence and position.</summary>
    public ValueTask<List<NewAnnotation>> AnnotationsAsync(SqlTransaction transaction, long key, SequenceRange checkpoints) =>
        transaction.ReadAllAsync(
            _annotations, HistoryTables.Annotations.All.Read, ("key", key), ("first", checkpoints.First), ("last", checkpoints.Last));
}
