using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.Forks;

/// <summary>
/// Finds the visible ancestors of a checkpoint: along the parents of rows, also of such as nobody sees, and past rows that are gone by
/// what is noted of them. What one of those that are found requires is found with its own ancestors, and so on. A page at a time, so that no
/// statement takes longer for a long session; once down the session, since whatever is required is older.
/// </summary>
/// <param name="dialect">The database.</param>
/// <param name="pageRows">How many rows a statement reads.</param>
internal sealed class PathWalk(SqlDialect dialect, int pageRows = PathWalk.PageRows)
{
    private const int PageRows = 10_000;

    private readonly SqlStatement _rows = dialect.Statement("""
        SELECT sequence, parent_sequence, size, stored_size, removed, requires FROM checkpoints
        WHERE session_key = @key AND sequence <= @from ORDER BY sequence DESC LIMIT @limit
        """);

    // What begins before the first sequence may reach to it.
    private readonly SqlStatement _records = dialect.Statement($"""
        SELECT {HistoryTables.Lineage.All.Of("l")} FROM lineage l
        WHERE l.session_key = @key AND l.first_sequence <= @last AND l.first_sequence >= coalesce((
            SELECT max(b.first_sequence) FROM lineage b WHERE b.session_key = @key AND b.first_sequence <= @first), @first)
        ORDER BY l.first_sequence
        """);

    /// <summary>The path to a visible checkpoint.</summary>
    /// <param name="snapshot">The session at one instant.</param>
    /// <param name="key">The session.</param>
    /// <param name="checkpoint">The checkpoint's sequence.</param>
    /// <param name="removed">What its removed ranges cover.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<AncestorPath> FindAsync(
        ISqlSnapshot snapshot, long key, long checkpoint, RemovedSequences removed, CancellationToken cancellationToken)
    {
        var (path, wanted) = (new AncestorPath(), new WantedRows());
        wanted.Add(checkpoint, []);
        while (wanted.First is > 0 and var from)
        {
            var page = await snapshot.ReadAsync(t => ReadAsync(t, key, from), cancellationToken);
            Follow(path, page, wanted, removed);
            while (page.Rows.Count < pageRows && wanted.First is > 0 and var last)
            {
                // There is no row below, and what is above none is known of no more.
                path.AddRoots(wanted.Take(last));
            }
        }

        return path;
    }

    private async ValueTask<Page> ReadAsync(SqlTransaction transaction, long key, long from)
    {
        var rows = await transaction.ReadAllAsync(
            _rows,
            row => new Step(row.Long(), row.Long(), row.Int(), row.Int(), row.Bool(), row.OptionalText()),
            ("key", key), ("from", from), ("limit", pageRows));
        var first = rows.Count < pageRows ? 0 : rows[^1].Sequence;
        return new Page(rows, await transaction.ReadAllAsync(
            _records, HistoryTables.Lineage.All.Read, ("key", key), ("first", first), ("last", from)));
    }

    /// <summary>Adds what a page has of the path.</summary>
    private static void Follow(AncestorPath path, Page page, WantedRows wanted, RemovedSequences removed)
    {
        foreach (var row in page.Rows)
        {
            while (wanted.First is var gone && gone > row.Sequence)
            {
                Want(page.AncestorOf(gone), wanted.Take(gone));
            }

            if (wanted.First < row.Sequence)
            {
                continue;
            }

            var children = wanted.Take(row.Sequence);
            if (!row.IsHidden && !removed.Cover(row.Sequence))
            {
                path.Add(row.Sequence, row.Size, row.StoredSize, children);
                children = [row.Sequence];
                foreach (var required in RequiredText.Read(row.Requires))
                {
                    Want(Math.Min(required, row.Sequence - 1), []);
                }
            }

            // Whatever a damaged row says, the walk ends.
            Want(Math.Min(row.Parent, row.Sequence - 1), children);
        }

        void Want(long sequence, List<long> children)
        {
            if (sequence > 0)
            {
                wanted.Add(sequence, children);
            }
            else
            {
                path.AddRoots(children);
            }
        }
    }

    private readonly record struct Step(long Sequence, long Parent, int Size, int StoredSize, bool IsHidden, string? Requires);

    private sealed record Page(List<Step> Rows, List<RemovedLineage> Records)
    {
        /// <summary>The ancestor of one whose row is gone, as far as it is known; 0 if it is not.</summary>
        public long AncestorOf(long gone)
        {
            var (low, high) = (0, Records.Count - 1);
            while (low < high)
            {
                var middle = (low + high + 1) / 2;
                (low, high) = Records[middle].First <= gone ? (middle, high) : (low, middle - 1);
            }

            return high >= 0 && Records[low] is var record && record.First <= gone && record.Last >= gone
                ? Math.Min(record.Ancestor, gone - 1)
                : 0;
        }
    }
}
