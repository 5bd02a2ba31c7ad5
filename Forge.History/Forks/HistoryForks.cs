using Forge.Checkpoints;
using Forge.History.Encryption;
using Forge.History.Rows;
using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.Forks;

/// <summary>What forks read.</summary>
internal sealed class HistoryForks(ISqlDatabase database, Seals seals) : IForks
{
    private static readonly Selection<ForkLink> Link = HistoryTables.Forks.All;

    private readonly HeadRows _heads = new(database.Dialect);

    private readonly ForkStatements _statements = new(database.Dialect);

    // One statement, since it is asked whenever a session's info is. The link stands last, for there may be none.
    private readonly SqlStatement _links = database.Dialect.Statement($"""
        SELECT {HistoryTables.Sessions.All.Of("s")},
            (SELECT c.id FROM checkpoints c WHERE c.session_key = s.session_key AND c.sequence = s.head_sequence),
            (SELECT c.id FROM checkpoints c WHERE c.session_key = s.session_key AND c.sequence = s.current_sequence),
            (SELECT count(*) FROM (
                SELECT 1 FROM forks x JOIN sessions y ON y.session_key = x.session_key
                WHERE x.origin_key = s.session_key AND x.origin_incarnation = s.incarnation AND y.deleted_at IS NULL LIMIT @most) counted),
            EXISTS (SELECT 1 FROM sessions o
                WHERE o.session_key = f.origin_key AND o.incarnation = f.origin_incarnation AND o.deleted_at IS NULL),
            f.session_key IS NOT NULL, {Link.Of("f")}
        FROM sessions s LEFT JOIN forks f ON f.session_key = s.session_key AND s.origin_sequence IS NOT NULL
        WHERE s.tenant = @tenant AND s.session = @session
        """);

    private readonly SqlStatement _list = database.Dialect.Statement($"""
        SELECT f.session_key, s.session, {Link.Of("f")}
        FROM forks f JOIN sessions s ON s.session_key = f.session_key
        WHERE f.origin_key = @origin AND f.session_key < @before AND f.origin_incarnation = @life AND s.deleted_at IS NULL
        ORDER BY f.session_key DESC LIMIT @limit
        """);

    public async Task<ForkPoint?> ReadPointAsync(
        SessionAddress origin, CheckpointReference checkpoint, CancellationToken cancellationToken)
    {
        var point = await database.ReadAsync(t => _statements.Points.FindAsync(t, origin, checkpoint), cancellationToken);
        return point is null ? null : await OpenAsync(origin, point, cancellationToken);
    }

    public async Task<IForkSource?> OpenAsync(
        SessionAddress origin, CheckpointReference checkpoint, CancellationToken cancellationToken)
    {
        var snapshot = await database.OpenAsync(cancellationToken);
        ForkSource? opened = null;
        try
        {
            var found = await snapshot.ReadAsync(
                async t => await _statements.Points.FindAsync(t, origin, checkpoint) is { } point
                    ? (Point: point, Removed: await _statements.Pages.RemovedAsync(t, point.Head.Key))
                    : default((ForkPoint Point, RemovedSequences Removed)?),
                cancellationToken);
            opened = found is var (at, removed)
                ? new ForkSource(_statements, seals, origin, snapshot, await OpenAsync(origin, at, cancellationToken), removed)
                : null;
            return opened;
        }
        finally
        {
            if (opened is null)
            {
                await snapshot.DisposeAsync();
            }
        }
    }

    public Task<SessionLinks?> ReadLinksAsync(SessionAddress address, int mostForks, CancellationToken cancellationToken) =>
        database.ReadOneAsync(
            _links, ReadLinks, cancellationToken,
            ("most", mostForks), ("tenant", address.Tenant.Value), ("session", address.Session.Value));

    public Task<IReadOnlyList<LinkedFork>> ListAsync(
        SessionAddress address, long before, int limit, CancellationToken cancellationToken) => database.ReadAsync(
            async ValueTask<IReadOnlyList<LinkedFork>> (t) => await _heads.FindAsync(t, address) is { } head
                ? await t.ReadAllAsync(
                    _list,
                    row => new LinkedFork(row.Long(), SessionId.Parse(row.Text()), Link.Read(row)),
                    ("origin", head.Key), ("before", before), ("life", head.Incarnation), ("limit", limit))
                : [],
            cancellationToken);

    private async ValueTask<ForkPoint> OpenAsync(SessionAddress origin, ForkPoint point, CancellationToken cancellationToken) =>
        point.Checkpoint is { } stored && SealedMarks.AnySealed(stored)
            ? point with { Checkpoint = await seals.OpenAsync(origin, seal => seal.Open(stored), cancellationToken) }
            : point;

    private static SessionLinks ReadLinks(SqlRow row)
    {
        var head = HistoryTables.Sessions.All.Read(row);
        var (headId, currentId, forks, isThere) = (Id(row), Id(row), (int)row.Long(), row.Bool());
        var link = row.Bool() ? Link.Read(row) : null;
        return new SessionLinks(new HeadRead(head, headId, currentId), link, link is not null && !isThere, forks);
    }

    private static CheckpointId Id(SqlRow row) => row.TakeNull() ? default : new CheckpointId(row.Guid());
}
