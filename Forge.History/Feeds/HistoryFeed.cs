using Forge.Errors;
using Forge.History.Encryption;
using Forge.History.Log;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Feeds;

/// <summary>Reads the feeds of tenants, each page in one transaction over one snapshot, and removes what is old.</summary>
/// <param name="database">The database.</param>
/// <param name="seals">Opens what is sealed.</param>
/// <param name="signals">What tells of commits; null if others commit too.</param>
internal sealed class HistoryFeed(ISqlDatabase database, Seals seals, FeedSignals? signals) : IFeed
{
    /// <summary>Apart from the keys of sessions: what removes old rows holds it.</summary>
    private const long Trimming = -1;

    private readonly FeedPages _pages = new(database.Dialect, new SessionLog(database, seals), seals);

    private readonly SqlStatement _mark = database.Dialect.Statement(
        "SELECT s.epoch, m.tx, m.id FROM feed_state s LEFT JOIN feed_marks m ON m.tenant = @tenant");

    // Below every transaction that runs: whatever commits later stands behind what is read here.
    private readonly SqlStatement _rows = database.Dialect.Statement($"""
        SELECT tx, id, written_at, entries FROM feed
        WHERE tenant = @tenant AND (tx, id) >= (@tx, @id) AND {database.Dialect.IsSettled("tx")} ORDER BY tx, id LIMIT @limit
        """);

    private readonly SqlStatement _newest = database.Dialect.Statement($"""
        SELECT tx, id, written_at FROM feed
        WHERE tenant = @tenant AND {database.Dialect.IsSettled("tx")} ORDER BY tx DESC, id DESC LIMIT 1
        """);

    private readonly SqlStatement _nextTenant = database.Dialect.Statement(
        "SELECT tenant FROM feed WHERE tenant > @after ORDER BY tenant LIMIT 1");

    private readonly SqlStatement _oldest = database.Dialect.Statement($"""
        SELECT tx, id, written_at FROM feed
        WHERE tenant = @tenant AND {database.Dialect.IsSettled("tx")} ORDER BY tx, id LIMIT @limit
        """);

    private readonly SqlStatement _remove = database.Dialect.Statement(
        "DELETE FROM feed WHERE tenant = @tenant AND (tx, id) <= (@tx, @id)");

    private readonly SqlStatement _setMark = database.Dialect.Statement("""
        INSERT INTO feed_marks (tenant, tx, id) VALUES (@tenant, @tx, @id)
        ON CONFLICT (tenant) DO UPDATE SET tx = excluded.tx, id = excluded.id WHERE (feed_marks.tx, feed_marks.id) < (excluded.tx, excluded.id)
        """);

    public IFeedSignal? Listen(TenantId tenant) => signals?.Listen(tenant.Value);

    public Task<FeedRead> ReadAsync(TenantId tenant, FeedFilter filter, FeedPlace? after, CancellationToken cancellationToken) =>
        seals.HoldingAsync(
            look => database.ReadAsync(
                async t =>
                {
                    var mark = await MarkAsync(t, tenant);
                    var from = after ?? mark;
                    var rows = await RowsAsync(t, tenant, filter, mark, from);
                    return rows.Count == 0
                        ? new FeedRead([], from, IsAtEnd: true)
                        : await _pages.ReadAsync(t, tenant, filter, from, rows, look, cancellationToken);
                },
                cancellationToken),
            cancellationToken);

    public Task<FeedPlace> NewestAsync(TenantId tenant, CancellationToken cancellationToken) => database.ReadAsync(
        async t =>
        {
            var mark = await MarkAsync(t, tenant);
            return await t.ReadOneAsync(
                _newest, row => (FeedPlace?)new FeedPlace(mark.Epoch, row.Long(), row.Long(), row.Time()), ("tenant", tenant.Value)) ?? mark;
        },
        cancellationToken);

    public Task<TrimmedFeed?> TrimAsync(string? after, DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        database.SweepAsync(
            async t =>
            {
                if (await t.ReadOneAsync(_nextTenant, row => row.Text(), ("after", after ?? "")) is not { } tenant)
                {
                    return null;
                }

                // Most have nothing old, and of those one row is looked at.
                var old = await OldAsync(t, tenant, before, 1);
                if (old.Count == 0)
                {
                    return new TrimmedFeed(tenant, 0);
                }

                await t.HoldAsync(Trimming);
                old = await OldAsync(t, tenant, before, limit);
                if (old.Count == 0)
                {
                    return new TrimmedFeed(tenant, 0);
                }

                var (tx, id, _) = old[^1];
                var removed = await t.ExecuteAsync(_remove, ("tenant", tenant), ("tx", tx), ("id", id));
                await t.ExecuteAsync(_setMark, ("tenant", tenant), ("tx", tx), ("id", id));
                return new TrimmedFeed(tenant, removed);
            },
            cancellationToken);

    /// <summary>The place behind the rows that were removed because of their age; before all rows if none was.</summary>
    private ValueTask<FeedPlace> MarkAsync(SqlTransaction transaction, TenantId tenant) => transaction.ReadOneAsync(
        _mark,
        row => new FeedPlace(row.Long(), row.OptionalLong() ?? 0, row.OptionalLong() ?? 0, DateTimeOffset.UnixEpoch),
        ("tenant", tenant.Value));

    /// <summary>
    /// The rows to read: that of the place if some of it is left, and those behind it; at least one more than are looked at if there are.
    /// </summary>
    private async ValueTask<List<FeedRow>> RowsAsync(
        SqlTransaction transaction, TenantId tenant, FeedFilter filter, FeedPlace mark, FeedPlace from)
    {
        if (from.Epoch != mark.Epoch)
        {
            throw new FeedLostException(tenant, "its database was moved to another cluster since");
        }

        var isAtMark = (from.Tx, from.Id) == (mark.Tx, mark.Id);
        if (mark.IsAfter(from) || (isAtMark && from.Entry >= 0))
        {
            throw new FeedExpiredException(tenant);
        }

        var rows = await transaction.ReadAllAsync(
            _rows,
            row => new FeedRow(row.Long(), row.Long(), row.Time(), row.Bytes()),
            ("tenant", tenant.Value),
            ("tx", from.Tx),
            ("id", from.Id),
            ("limit", FeedPages.RowsOf(filter) + 2));
        if (isAtMark)
        {
            return rows;
        }

        if (rows.Count == 0 || (rows[0].Tx, rows[0].Id, rows[0].WrittenAt) != (from.Tx, from.Id, from.WrittenAt))
        {
            throw new FeedLostException(tenant, "what it names is not there any more, as after the database was restored from a backup");
        }

        if (from.Entry < 0)
        {
            rows.RemoveAt(0);
        }

        return rows;
    }

    /// <summary>The first rows of a tenant, as long as they are old.</summary>
    private async ValueTask<List<(long Tx, long Id, DateTimeOffset At)>> OldAsync(
        SqlTransaction transaction, string tenant, DateTimeOffset before, int limit)
    {
        var rows = await transaction.ReadAllAsync(
            _oldest, row => (Tx: row.Long(), Id: row.Long(), At: row.Time()), ("tenant", tenant), ("limit", limit));
        return [.. rows.TakeWhile(row => row.At < before)];
    }
}

/// <summary>A row of a feed.</summary>
/// <param name="Tx">The transaction that wrote it.</param>
/// <param name="Id">Its number.</param>
/// <param name="WrittenAt">When it was written.</param>
/// <param name="Entries">What it names.</param>
internal sealed record FeedRow(long Tx, long Id, DateTimeOffset WrittenAt, byte[] Entries);
