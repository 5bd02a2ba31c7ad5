using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.Forks;

/// <summary>Reads some rows of a session with all that hangs on them, and nothing of the rows between.</summary>
internal sealed class ForkRows(SqlDialect dialect)
{
    /// <summary>How many rows a page has at the most.</summary>
    public const int PageRows = 256;

    private const long PageBytes = 4 * 1024 * 1024;

    private static readonly Selection<StoredCheckpoint> All = HistoryTables.Checkpoints.All;

    private readonly SqlStatement _sizes = dialect.Statement($"""
        SELECT c.sequence, length(c.stored) + octet_length(c.message) + octet_length(CAST(c.tags AS text)) + coalesce((
            SELECT sum(octet_length(a.text)) FROM annotations a WHERE a.session_key = @key AND a.sequence = c.sequence), 0)
        FROM checkpoints c WHERE c.session_key = @key AND {dialect.In("c.sequence", "@sequences")} ORDER BY c.sequence
        """);

    private readonly SqlStatement _rows = dialect.Statement($"""
        SELECT {All.Of("c")} FROM checkpoints c
        WHERE c.session_key = @key AND {dialect.In("c.sequence", "@sequences")} ORDER BY c.sequence
        """);

    private readonly SqlStatement _annotations = dialect.Statement($"""
        SELECT {HistoryTables.Annotations.All.Of("a")} FROM annotations a
        WHERE a.session_key = @key AND {dialect.In("a.sequence", "@sequences")} ORDER BY a.sequence, a.position
        """);

    /// <summary>The first of some rows: at least one, and no more than a few MiB of them.</summary>
    /// <param name="transaction">What to read in.</param>
    /// <param name="key">The session.</param>
    /// <param name="sequences">The sequences, rising; at least one, and rows of all of them are there.</param>
    public async ValueTask<IReadOnlyList<AnnotatedCheckpoint>> ReadAsync(
        SqlTransaction transaction, long key, ReadOnlyMemory<long> sequences)
    {
        var bytes = 0L;
        var sizes = await transaction.ReadAllAsync(
            _sizes, row => (Sequence: row.Long(), Bytes: row.Long()), ("key", key), ("sequences", sequences.ToArray()));
        long[] page =
        [
            .. sizes.TakeWhile(size =>
            {
                var takes = bytes < PageBytes;
                bytes += size.Bytes;
                return takes;
            }).Select(size => size.Sequence),
        ];
        var notes = (await transaction.ReadAllAsync(
            _annotations, HistoryTables.Annotations.All.Read, ("key", key), ("sequences", page))).ToLookup(note => note.Sequence);
        return (await transaction.ReadAllAsync(_rows, All.Read, ("key", key), ("sequences", page))).ConvertAll(
            row => new AnnotatedCheckpoint(row, [.. notes[row.Sequence].Select(n => new Annotation(n.Position, n.At, n.Severity, n.Text))]));
    }
}
