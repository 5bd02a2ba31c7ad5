using Forge.Checkpoints;
using Forge.History.Rows;
using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.Log;

/// <summary>Reads logs, each page in one transaction over one snapshot.</summary>
internal sealed class SessionLog(ISqlDatabase database) : ISessionLog
{
    private readonly HeadRows _heads = new(database.Dialect);

    // No index leads by position. Positions rise with sequences, so that the first of them is found by halving; only rows of
    // early imports have none.
    private readonly SqlStatement _probe = database.Dialect.Statement("""
        SELECT sequence, position FROM checkpoints WHERE session_key = @key AND sequence >= @from AND position > 0
        ORDER BY sequence LIMIT 1
        """);

    private readonly SqlStatement _creates = database.Dialect.Statement("""
        SELECT position, created_at, id, sequence, parent_sequence, trigger_kind, size, chain FROM checkpoints
        WHERE session_key = @key AND sequence >= @from AND position > @after ORDER BY sequence LIMIT @limit
        """);

    private readonly SqlStatement _events = database.Dialect.Statement($"""
        SELECT {HistoryTables.Events.All.Names} FROM events WHERE session_key = @key AND position > @after
        ORDER BY position LIMIT @limit
        """);

    private readonly SqlStatement _runs = database.Dialect.Statement($"""
        SELECT {HistoryTables.RemovedRuns.All.Names} FROM removed_runs WHERE session_key = @key AND first_position > @after
        ORDER BY first_position LIMIT @limit
        """);

    private readonly SqlStatement _runAround = database.Dialect.Statement($"""
        SELECT {HistoryTables.RemovedRuns.All.Names} FROM removed_runs WHERE session_key = @key AND first_position <= @after
        ORDER BY first_position DESC LIMIT 1
        """);

    public Task<LogPage?> ReadAsync(SessionAddress address, long after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return database.ReadAsync(
            async t => await _heads.FindAsync(t, address) is { } head
                ? new LogPage(head.LastPosition, await ReadAsync(t, head, after, limit, cancellationToken))
                : null,
            cancellationToken);
    }

    private async ValueTask<List<LogEntry>> ReadAsync(
        SqlTransaction transaction, SessionHead head, long after, int limit, CancellationToken cancellationToken)
    {
        var key = head.Key;
        var page = new PageUnderWay(after, limit);
        var around = await transaction.ReadOneAsync(
            _runAround, HistoryTables.RemovedRuns.All.Read, ("key", key), ("after", after));
        if (around is { } run && run.LastPosition > after)
        {
            page.Add(new GapEntry(after + 1, run.LastPosition, run));
        }

        var creates = await transaction.ReadAllAsync(
            _creates, Created,
            ("key", key), ("from", await FirstAfterAsync(transaction, head, page.Last)), ("after", page.Last), ("limit", limit));
        var merge = new LogMerge(
            async (position, count, _) => await transaction.ReadAllAsync(
                _events, HistoryTables.Events.All.Read, ("key", key), ("after", position), ("limit", count)),
            async (position, count, _) => await transaction.ReadAllAsync(
                _runs, HistoryTables.RemovedRuns.All.Read, ("key", key), ("after", position), ("limit", count)),
            page.Last,
            limit);
        foreach (var create in creates)
        {
            await TakeAsync(create.Position);
            page.Add(create);
        }

        // With a whole page of creates there may be more of them before what comes next.
        await TakeAsync(creates.Count < limit ? long.MaxValue : 0);
        return page.Entries;

        async ValueTask TakeAsync(long before)
        {
            await foreach (var entry in merge.BeforeAsync(page.IsFull ? 0 : before, cancellationToken))
            {
                page.Add(entry);
                if (page.IsFull)
                {
                    return;
                }
            }
        }
    }

    /// <summary>The sequence of the first checkpoint after a position, or one between it and the one before it.</summary>
    private async ValueTask<long> FirstAfterAsync(SqlTransaction transaction, SessionHead head, long after)
    {
        var (low, high) = (0L, head.LastSequence + 1);
        for (var from = Math.Min(after, head.LastSequence); low < high; from = low + ((high - low) / 2))
        {
            // Below the position first: own creates have a sequence that is no greater.
            var found = await transaction.ReadOneAsync(
                _probe, row => ((long Sequence, long Position)?)(row.Long(), row.Long()), ("key", head.Key), ("from", from));
            if (found is { } row && row.Position <= after)
            {
                low = row.Sequence + 1;
            }
            else
            {
                high = from;
            }
        }

        return low;
    }

    private static CreatedEntry Created(SqlRow row) => new(
        row.Long(), row.Time(), new CheckpointId(row.Guid()), IsThere: true, Sequence: row.Long(), Parent: row.Long(),
        Trigger: (CheckpointTrigger)row.Short(), Size: row.Int(), Chain: row.TakeNull() ? null : row.Bytes());

    /// <summary>Entries that follow each other without holes.</summary>
    private sealed class PageUnderWay(long after, int limit)
    {
        public List<LogEntry> Entries { get; } = [];

        /// <summary>The position that the next entry follows.</summary>
        public long Last { get; private set; } = after;

        public bool IsFull => Entries.Count >= limit;

        public void Add(LogEntry entry)
        {
            if (entry.Position > Last + 1 && !IsFull)
            {
                Put(new GapEntry(Last + 1, entry.Position - 1, null));
            }

            if (entry.Position > Last && !IsFull)
            {
                Put(entry);
            }
        }

        private void Put(LogEntry entry)
        {
            Entries.Add(entry);
            Last = entry.LastPosition;
        }
    }
}
