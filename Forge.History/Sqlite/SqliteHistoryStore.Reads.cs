using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Snapshots;
using Forge.History.Stores;
using Forge.History.Upkeep;
using Forge.Identity;

namespace Forge.History.Sqlite;

internal sealed partial class SqliteHistoryStore
{
    private static readonly string BySequence =
        $" FROM checkpoints c WHERE c.session_key = @key AND c.sequence = @sequence AND {SqliteRows.NotRemoved}";

    private static readonly string ById =
        $" FROM checkpoints c WHERE c.session_key = @key AND c.id = @id AND {SqliteRows.NotRemoved}";

    private static readonly string SummaryBySequence = SqliteRows.Text($"SELECT {SqliteRows.SummaryColumns}{BySequence}");
    private static readonly string WholeBySequence = SqliteRows.Text($"SELECT {SqliteRows.AllColumns}{BySequence}");
    private static readonly string SummaryById = SqliteRows.Text($"SELECT {SqliteRows.SummaryColumns}{ById}");
    private static readonly string WholeById = SqliteRows.Text($"SELECT {SqliteRows.AllColumns}{ById}");

    private static readonly string CreateById =
        SqliteRows.Text($"SELECT {SqliteRows.SummaryColumns} FROM checkpoints c WHERE c.session_key = @key AND c.id = @id");

    private static readonly string FindRequest =
        SqliteRows.Text("SELECT at, kind, outcome FROM requests WHERE session_key = @key AND id = @id AND at >= @since");

    public Task<HeadRead?> ReadHeadAsync(SessionAddress address, CancellationToken cancellationToken) =>
        Reader.ReadAsync(database => SqliteRows.Head(database, address), cancellationToken);

    public Task<IReadOnlyList<SessionRow>> ListSessionsAsync(
        TenantId tenant, SessionFilter filter, CancellationToken cancellationToken) =>
        Reader.ReadAsync(database => SqliteRows.Sessions(database, tenant, filter), cancellationToken);

    public Task<Versioned<StoredCheckpoint?>> ReadCheckpointAsync(
        SessionAddress address, CheckpointReference checkpoint, CheckpointParts parts, CancellationToken cancellationToken) =>
        Reader.ReadAsync(
            database =>
            {
                var session = SqliteRows.Session(database, address);
                return new Versioned<StoredCheckpoint?>(
                    session.Version, session.IsThere ? Find(database, session, checkpoint, parts) : null);
            },
            cancellationToken);

    public Task<Versioned<RememberedRequest?>> ReadRequestAsync(
        SessionAddress address, Guid id, DateTimeOffset since, CancellationToken cancellationToken) =>
        Reader.ReadAsync(
            database =>
            {
                var session = SqliteRows.Session(database, address);
                return new Versioned<RememberedRequest?>(
                    session.Version, session.IsThere ? FindRemembered(database, session.Key, id, since) : null);
            },
            cancellationToken);

    public Task<Versioned<IReadOnlyList<EarlierCreate>>> ReadCreatesAsync(
        SessionAddress address, IReadOnlyList<CheckpointId> ids, DateTimeOffset since, CancellationToken cancellationToken) =>
        Reader.ReadAsync(
            database =>
            {
                var session = SqliteRows.Session(database, address);
                var found = new List<EarlierCreate>();
                foreach (var id in session.IsThere ? ids.Distinct() : [])
                {
                    if (FindCreate(database, session.Key, address, id, since) is { } create)
                    {
                        found.Add(create);
                    }
                }

                return new Versioned<IReadOnlyList<EarlierCreate>>(session.Version, found);
            },
            cancellationToken);

    public Task<IHistorySnapshot?> OpenSnapshotAsync(SessionAddress address, CancellationToken cancellationToken) =>
        (_snapshots ??= new HistorySnapshots(Database)).OpenAsync(address, cancellationToken);

    public Task<IReadOnlyList<SessionAddress>> ListSessionsAsync(
        TenantId? tenant, SessionAddress? after, int limit, CancellationToken cancellationToken) =>
        (_names ??= new SessionNames(Database)).ListAsync(tenant, after, limit, cancellationToken);

    /// <summary>One checkpoint of a session that is there, inside a read of the caller's.</summary>
    internal static StoredCheckpoint? Find(
        SqliteDatabase database, SqliteSession session, CheckpointReference checkpoint, CheckpointParts parts)
    {
        var withState = parts.HasFlag(CheckpointParts.State);
        var row = checkpoint.Id.IsEmpty
            ? database.Prepare(withState ? WholeBySequence : SummaryBySequence).Bind(session.Key)
                .Bind(checkpoint.IsLatest ? session.Head : checkpoint.Sequence)
            : database.Prepare(withState ? WholeById : SummaryById).Bind(session.Key).Bind(checkpoint.Id.Value);
        if (!row.Read())
        {
            return null;
        }

        var found = SqliteRows.Checkpoint(row, withState);
        row.Reset();
        if (withState)
        {
            found = SqliteRows.WithBases(database, session.Key, found);
        }

        return parts.HasFlag(CheckpointParts.Annotations)
            ? found with { Annotations = SqliteRows.Annotations(database, session.Key, found.Sequence) }
            : found;
    }

    private static RememberedRequest? FindRemembered(SqliteDatabase database, long key, Guid id, DateTimeOffset since)
    {
        var row = database.Prepare(FindRequest).Bind(key).Bind(id).Bind(SqliteValues.ToMicrosecondsUp(since));
        if (!row.Read())
        {
            return null;
        }

        var from = new RowReader(row);
        var request = new RememberedRequest(id, from.Time(), from.Text(), from.Text());
        row.Reset();
        return request;
    }

    /// <summary>The create that had an id, inside a read of the caller's; null if none is known.</summary>
    internal static EarlierCreate? FindCreate(
        SqliteDatabase database, long key, SessionAddress address, CheckpointId id, DateTimeOffset since)
    {
        var row = database.Prepare(CreateById).Bind(key).Bind(id.Value);
        if (row.Read())
        {
            var found = SqliteRows.Checkpoint(row, withState: false);
            row.Reset();
            return EarlierCreate.Of(found);
        }

        return FindRemembered(database, key, id.Value, since) is { Kind: RemovedCreate.Kind } request
            ? RemovedCreate.Recall(address, request)
            : null;
    }
}
