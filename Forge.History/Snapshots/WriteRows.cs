using Forge.Checkpoints;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.Snapshots;

/// <summary>Reads the rows of pending writes, in pages that are bounded in rows and in bytes.</summary>
internal sealed class WriteRows(SqlDialect dialect)
{
    private static readonly Selection<StoredWrite> All = HistoryTables.PendingWrites.All;

    private readonly HeadRows _heads = new(dialect);

    private readonly CheckpointPages _pages = new(dialect);

    private readonly SqlStatement _keys = dialect.Statement($"""
        SELECT w.sequence, w.task, CAST(w.write_index AS bigint) AS place, CAST(w.size AS bigint) AS bytes, {Hidden} FROM pending_writes w WHERE w.session_key = @key
        """);

    private readonly SqlStatement _bySequence = One(dialect, "sequence");

    private readonly SqlStatement _byId = One(dialect, "id");

    private readonly SqlStatement _first = Page(dialect, "sequence = @sequence");

    private readonly SqlStatement _next = Page(dialect, "sequence = @sequence AND (task, write_index) > (@task, @index)");

    private readonly SqlStatement _firstOfAll = Page(dialect, "1 = 1");

    private readonly SqlStatement _nextOfAll = Page(dialect, "(sequence, task, write_index) > (@sequence, @task, @index)");

    /// <summary>Whether the row of its checkpoint is hidden; null if there is none.</summary>
    private const string Hidden =
        "(SELECT c.removed FROM checkpoints c WHERE c.session_key = @key AND c.sequence = w.sequence) AS hidden";

    /// <summary>Which writes the visible checkpoints of a session have.</summary>
    public async ValueTask<WriteIndex> IndexAsync(SqlTransaction transaction, long key)
    {
        var (removed, index) = (await _pages.RemovedAsync(transaction, key), WriteIndex.Empty);
        await transaction.EachAsync(
            _keys,
            row =>
            {
                // An index that is none is of no write that anybody can name, and a size that is none is told by who reads the row: neither
                // must keep the session from being used.
                var (sequence, task, place, size) = (row.Long(), row.Text(), row.Long(), row.Long());
                if (!row.TakeNull() && !row.Bool() && !removed.Cover(sequence) && place is >= int.MinValue and <= int.MaxValue)
                {
                    index = index.With(sequence, new WriteKey(task, (int)place), (int)Math.Clamp(size, 0, int.MaxValue));
                }
            },
            ("key", key));
        return index;
    }

    /// <summary>A checkpoint that is visible; null if it is not.</summary>
    public async ValueTask<CheckpointPointer?> FindAsync(SqlTransaction transaction, SessionHead head, CheckpointReference checkpoint) =>
        checkpoint.Id.IsEmpty
            ? await transaction.ReadOneAsync(
                _bySequence, Pointer, ("key", head.Key), ("sequence", await SequenceAsync(transaction, checkpoint, head)))
            : await transaction.ReadOneAsync(_byId, Pointer, ("key", head.Key), ("id", checkpoint.Id.Value));

    /// <summary>Writes of one checkpoint that is visible, by task and index, and whether there are others behind them.</summary>
    public async ValueTask<(List<StoredWriteRow> Rows, bool HasMore)> OfAsync(
        SqlTransaction transaction, long key, long sequence, WriteKey? after, int limit, long bytes)
    {
        var found = 0L;
        var rows = await (after is { } last
            ? transaction.ReadAllAsync(
                _next, Read, ("key", key), ("limit", limit + 1), ("bytes", bytes), ("sequence", sequence), ("task", last.Task),
                ("index", last.Index))
            : transaction.ReadAllAsync(_first, Read, ("key", key), ("limit", limit + 1), ("bytes", bytes), ("sequence", sequence)));
        if (rows.Count > limit)
        {
            rows.RemoveAt(limit);
        }

        return (rows, found > rows.Count);

        StoredWriteRow Read(SqlRow row)
        {
            found = row.Long();
            row.Skip(1);
            return Of(row.Long(), row, _ => WritePlace.Visible);
        }
    }

    /// <summary>
    /// Writes of any checkpoints, by sequence, task and index, whether or not those are there: the first ones begin with the least key that
    /// there is.
    /// </summary>
    /// <param name="transaction">What to read in.</param>
    /// <param name="key">The session.</param>
    /// <param name="after">The write that they begin after; null for the first ones.</param>
    /// <param name="limit">How many at the most.</param>
    /// <param name="bytes">The bytes of values that they end with.</param>
    /// <param name="removed">What was removed.</param>
    public ValueTask<List<StoredWriteRow>> AllAsync(
        SqlTransaction transaction, long key, WritePosition? after, int limit, long bytes, RemovedSequences removed)
    {
        return after is { } last
            ? transaction.ReadAllAsync(
                _nextOfAll, Read, ("key", key), ("limit", limit), ("bytes", bytes), ("sequence", last.Sequence), ("task", last.Task),
                ("index", last.Index))
            : transaction.ReadAllAsync(_firstOfAll, Read, ("key", key), ("limit", limit), ("bytes", bytes));

        StoredWriteRow Read(SqlRow row)
        {
            _ = row.Long();
            var hidden = row.TakeNull() ? (bool?)null : row.Bool();
            return Of(row.Long(), row, sequence =>
                removed.Cover(sequence) ? WritePlace.Going : hidden is false ? WritePlace.Visible : WritePlace.Orphan);
        }
    }

    private static StoredWriteRow Of(long index, SqlRow from, Func<long, WritePlace> place)
    {
        var row = Table<StoredWrite>.Empty();
        try
        {
            foreach (var column in HistoryTables.PendingWrites.Columns)
            {
                column.Read(ref row, from);
            }

            return Placed(row, null);
        }
        catch (Exception exception) when (exception is ArgumentException or OverflowException)
        {
            // A value that no write makes. The checkpoint and the task are the first.
            return Placed(null, exception.Message);
        }

        StoredWriteRow Placed(StoredWrite? read, string? problem) =>
            new(new WritePosition(row.Sequence, row.Task, index), place(row.Sequence), read, problem);
    }

    private async ValueTask<long> SequenceAsync(SqlTransaction transaction, CheckpointReference checkpoint, SessionHead head)
    {
        if (checkpoint is { IsLatest: false, IsCurrent: false })
        {
            return checkpoint.Sequence;
        }

        if (checkpoint.OtherBranch is not { } branch)
        {
            return checkpoint.IsLatest ? head.Head : head.Current;
        }

        var line = (await _heads.WithIdsAsync(transaction, head)).LineOf(branch);
        return (checkpoint.IsLatest ? line.Head : line.Current).Sequence;
    }

    private static CheckpointPointer? Pointer(SqlRow row) => new CheckpointPointer(row.Long(), new CheckpointId(row.Guid()));

    // What the values hold is summed up before any is read. How many were found tells whether a page was cut for its bytes.
    private static SqlStatement Page(SqlDialect dialect, string condition) => dialect.Statement($"""
        SELECT p.found, {Hidden}, CAST(p.write_index AS bigint) AS place, {All.Of("w")} FROM (
            SELECT f.sequence, f.task, f.write_index, count(*) OVER () AS found,
                sum(f.size) OVER (ORDER BY f.sequence, f.task, f.write_index ROWS UNBOUNDED PRECEDING) - f.size AS before
            FROM (
                SELECT sequence, task, write_index, length(value) AS size FROM pending_writes WHERE session_key = @key AND {condition}
                ORDER BY sequence, task, write_index LIMIT @limit) f) p
        JOIN pending_writes w
            ON w.session_key = @key AND w.sequence = p.sequence AND w.task = p.task AND w.write_index = p.write_index
        WHERE p.before < @bytes ORDER BY w.sequence, w.task, w.write_index
        """);

    private static SqlStatement One(SqlDialect dialect, string name) => dialect.Statement($"""
        SELECT c.sequence, c.id FROM checkpoints c
        WHERE c.session_key = @key AND c.{name} = @{name} AND NOT c.removed
            AND NOT EXISTS (SELECT 1 FROM removed_ranges r
                WHERE r.session_key = @key AND r.first_sequence <= c.sequence AND r.last_sequence >= c.sequence)
        """);
}
