using Forge.Errors;
using Forge.History.Encryption;
using Forge.History.Log;
using Forge.History.Search;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Feeds;

/// <summary>Makes pages of rows: finds whose positions they name, reads the logs, and puts the events into the order of the rows.</summary>
internal sealed class FeedPages(SqlDialect dialect, SessionLog logs, Seals seals)
{
    /// <summary>How many entries of rows are looked at for a page; those of a row stay together.</summary>
    private const int MaxEntries = 5000;

    /// <summary>How many events are looked at for a page that wants only some kinds.</summary>
    private const int MaxLooked = 1000;

    /// <summary>
    /// How many rows behind a place are looked at for a page. Each names at least one position, so that no more than the positions are needed if
    /// all sessions are wanted.
    /// </summary>
    public static int RowsOf(FeedFilter filter) =>
        filter.Prefix.Length == 0 && filter.Labels.Count == 0 ? Math.Min(filter.Rows, Most(filter)) : filter.Rows;

    /// <summary>Reads a page.</summary>
    /// <param name="transaction">The transaction, which sees the rows.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="filter">What is wanted.</param>
    /// <param name="from">Where it begins: in the first row, or before it.</param>
    /// <param name="rows">The rows, at least one. If there are more than the filter looks at, there is more.</param>
    /// <param name="look">How the keys that are held came to be.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public async ValueTask<FeedRead> ReadAsync(
        SqlTransaction transaction, TenantId tenant, FeedFilter filter, FeedPlace from, List<FeedRow> rows, KeyLook look,
        CancellationToken cancellationToken)
    {
        var (parts, looked) = PartsOf(tenant, filter, from, rows);
        var sessions = await SessionsAsync(transaction, tenant, filter, parts);
        var window = Window(parts, sessions, filter);
        var page = new PageUnderWay(filter, from);
        foreach (var part in window.Parts)
        {
            var session = sessions[part.Entry.Key];
            if (session.Log is null)
            {
                if (page.Bytes >= filter.Bytes)
                {
                    return page.End(isAtEnd: false);
                }

                await LoadAsync(
                    transaction, session, part.Entry.First - 1, filter, window.Sessions,
                    () => seals.Held(new SessionAddress(tenant, session.Id), look), cancellationToken);
                page.Bytes += session.Bytes;
            }

            if (!page.Take(session, part, new FeedPlace(from.Epoch, part.Row.Tx, part.Row.Id, part.Row.WrittenAt, part.Index)))
            {
                return page.End(isAtEnd: false);
            }
        }

        var last = rows[looked - 1];
        if (!window.IsCut)
        {
            page.Place = new FeedPlace(from.Epoch, last.Tx, last.Id, last.WrittenAt);
        }

        return page.End(isAtEnd: !window.IsCut && looked == rows.Count);
    }

    /// <summary>What the rows name behind the place, and how many rows are looked at.</summary>
    private static (List<Part> Parts, int Looked) PartsOf(TenantId tenant, FeedFilter filter, FeedPlace from, List<FeedRow> rows)
    {
        var (parts, looked) = (new List<Part>(), 0);
        var most = RowsOf(filter) + ((rows[0].Tx, rows[0].Id) == (from.Tx, from.Id) ? 1 : 0);
        while (looked < rows.Count && looked < most)
        {
            var row = rows[looked];
            if (!FeedEntries.TryRead(row.Entries, out var entries))
            {
                throw new FeedLostException(tenant, "the next row cannot be read");
            }

            if (looked > 0 && parts.Count + entries.Count > MaxEntries)
            {
                break;
            }

            looked++;
            var isBegun = (row.Tx, row.Id) == (from.Tx, from.Id);
            for (var i = isBegun ? from.Entry : 0; i < entries.Count; i++)
            {
                // Of the entry that was reached the rest.
                var entry = isBegun && i == from.Entry
                    ? entries[i] with { First = Math.Max(entries[i].First, from.Position + 1) }
                    : entries[i];
                if (entry.First <= entry.Last)
                {
                    parts.Add(new Part(row, i, entry));
                }
            }
        }

        return (parts, looked);
    }

    /// <summary>The first parts that are wanted: about as many positions as a page looks at.</summary>
    private static (List<Part> Parts, int Sessions, bool IsCut) Window(List<Part> parts, Dictionary<long, Session> sessions, FeedFilter filter)
    {
        var most = Most(filter);
        var (window, positions, distinct) = (new List<Part>(), 0L, 0);
        foreach (var part in parts)
        {
            if (!sessions.TryGetValue(part.Entry.Key, out var session))
            {
                continue;
            }

            if (positions >= most)
            {
                return (window, distinct, true);
            }

            var count = Math.Min(part.Entry.Last - part.Entry.First + 1, most);
            distinct += session.Wanted == 0 ? 1 : 0;
            session.Wanted += count;
            positions += count;
            window.Add(part);
        }

        return (window, distinct, false);
    }

    private static int Most(FeedFilter filter) => filter.Kinds.Count == 0 ? filter.Limit : Math.Max(filter.Limit, MaxLooked);

    /// <summary>The living sessions that parts are of and that the filter wants, by their keys.</summary>
    private async ValueTask<Dictionary<long, Session>> SessionsAsync(
        SqlTransaction transaction, TenantId tenant, FeedFilter filter, List<Part> parts)
    {
        var keys = parts.Select(part => part.Entry.Key).Distinct().ToArray();
        if (keys.Length == 0)
        {
            return [];
        }

        // By their keys alone: as an expression the tenant leads no plan along its names, of which there may be many more than of keys.
        var wanted = new Conditions().And(dialect.In("s.session_key", "@keys"), ("keys", keys))
            .And("s.tenant || '' = @tenant AND s.deleted_at IS NULL", ("tenant", tenant.Value));
        if (filter.Prefix.Length > 0)
        {
            wanted.And("s.session >= @prefix AND s.session < @end", ("prefix", filter.Prefix), ("end", filter.End));
        }

        for (var i = 0; i < filter.Labels.Count; i++)
        {
            wanted.And(
                "EXISTS (SELECT 1 FROM session_labels l WHERE l.session_key = s.session_key " +
                $"AND l.name = @name{i} AND l.value = @value{i})",
                ($"name{i}", filter.Labels[i].Name),
                ($"value{i}", filter.Labels[i].Value));
        }

        var found = await transaction.ReadAllAsync(
            dialect.Statement($"SELECT s.session_key, s.session, s.last_sequence FROM sessions s WHERE {wanted.Text}"),
            row => new Session(row.Long(), SessionId.Parse(row.Text()), row.Long()),
            [.. wanted.Arguments]);
        return found.ToDictionary(session => session.Key);
    }

    /// <summary>Reads of a session's log what its parts name, or as much of it as its share of the page.</summary>
    private async ValueTask LoadAsync(
        SqlTransaction transaction, Session session, long after, FeedFilter filter, int sessions, Func<SessionSeal> seal,
        CancellationToken cancellationToken)
    {
        var most = (int)Math.Min(session.Wanted, Most(filter));
        var entries = await logs.ReadAsync(
            transaction, session.Key, session.LastSequence, after, most, Math.Max(1, filter.Bytes / sessions), seal, cancellationToken);

        // What is not there any more is passed over.
        session.LoadedTo = entries.Count == 0 ? long.MaxValue : entries[^1].LastPosition;
        session.Log = new Queue<LogEntry>(entries);
    }

    /// <summary>Positions that a row names.</summary>
    private readonly record struct Part(FeedRow Row, int Index, FeedEntry Entry);

    /// <summary>A session whose positions are named.</summary>
    private sealed record Session(long Key, SessionId Id, long LastSequence)
    {
        /// <summary>How many positions are wanted of it.</summary>
        public long Wanted { get; set; }

        /// <summary>What was read of its log and not taken yet; null before it was read.</summary>
        public Queue<LogEntry>? Log { get; set; }

        /// <summary>Up to where it was read.</summary>
        public long LoadedTo { get; set; }

        /// <summary>About the bytes of what was read.</summary>
        public long Bytes => Log!.Sum(entry => LogEvents.Of(entry) is { } happened ? LogEvents.WeightOf(happened) : 0);
    }

    private sealed class PageUnderWay(FeedFilter filter, FeedPlace from)
    {
        private readonly List<FeedItem> _items = [];

        public long Bytes { get; set; }

        public FeedPlace Place { get; set; } = from;

        /// <summary>Takes what a part names; false if the page ends within it or right behind it.</summary>
        public bool Take(Session session, Part part, FeedPlace row)
        {
            while (session.Log!.TryPeek(out var entry) && entry.LastPosition <= part.Entry.Last)
            {
                session.Log.Dequeue();
                Place = row with { Position = entry.LastPosition };
                if (LogEvents.Of(entry) is { } happened && (filter.Kinds.Count == 0 || filter.Kinds.Contains(happened.Kind)))
                {
                    _items.Add(new FeedItem(session.Id, happened, Place));
                    if (_items.Count == filter.Limit)
                    {
                        return false;
                    }
                }
            }

            if (session.LoadedTo < part.Entry.Last)
            {
                return false;
            }

            Place = row with { Position = part.Entry.Last };
            return true;
        }

        public FeedRead End(bool isAtEnd) => new(_items, Place, isAtEnd);
    }
}
