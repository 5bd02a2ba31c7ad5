using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Lineage;
using Forge.History.Rows;
using Forge.History.Search;
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
        SqliteRows.Text("SELECT at, kind, outcome FROM requests WHERE session_key = @key AND id = @id");

    public Task<HeadRead?> ReadHeadAsync(SessionAddress address, CancellationToken cancellationToken) =>
        Reader.ReadAsync(database => SqliteRows.Head(database, address), cancellationToken);

    public Task<IReadOnlyDictionary<long, long>> ReadVersionsAsync(IReadOnlyCollection<long> keys, CancellationToken cancellationToken) =>
        Reader.ReadAsync(database => SqliteRows.Versions(database, keys), cancellationToken);

    public Task<FoundPage<SessionRow, SessionPlace>> ListSessionsAsync(
        TenantId tenant, SessionFilter filter, CancellationToken cancellationToken) =>
        (_sessions ??= new SessionSearch(Searching)).FindAsync(tenant, filter, cancellationToken);

    public Task<FoundPage<CheckpointRow, CheckpointPlace>> ListCheckpointsAsync(
        TenantId tenant, CheckpointFilter filter, CancellationToken cancellationToken) =>
        (_checkpoints ??= new CheckpointSearch(Searching)).FindAsync(tenant, filter, cancellationToken);

    public Task<Versioned<IReadOnlyList<StoredState>>> ReadStatesAsync(
        SessionAddress address, IReadOnlyList<long> sequences, CancellationToken cancellationToken) =>
        (_states ??= new StateRows(Database)).ReadAsync(address, sequences, cancellationToken);

    public Task<Versioned<CheckpointRead?>> ReadCheckpointAsync(
        SessionAddress address, CheckpointReference checkpoint, CheckpointParts parts, CancellationToken cancellationToken) =>
        Reader.ReadAsync(
            database =>
            {
                var session = SqliteRows.Session(database, address);
                return new Versioned<CheckpointRead?>(
                    session.Version, session.IsThere ? Find(database, session, checkpoint, parts) : null);
            },
            cancellationToken);

    public Task<Versioned<IReadOnlyList<StoredCheckpoint>>> ReadCheckpointsAsync(
        SessionAddress address, IReadOnlyList<CheckpointReference> checkpoints, CancellationToken cancellationToken) =>
        Reader.ReadAsync(
            database =>
            {
                var session = SqliteRows.Session(database, address);
                return new Versioned<IReadOnlyList<StoredCheckpoint>>(session.Version,
                [
                    .. (session.IsThere ? checkpoints.Distinct() : [])
                        .Select(one => Find(database, session, one, CheckpointParts.Summary)?.Row).OfType<StoredCheckpoint>(),
                ]);
            },
            cancellationToken);

    public Task<Versioned<CheckpointPointer?>> ReadNearestAsync(
        SessionAddress address, long sequence, CancellationToken cancellationToken) =>
        (_ancestors ??= new AncestorRead(Database)).ReadAsync(address, sequence, cancellationToken);

    public Task<Versioned<IReadOnlyList<StoredCheckpoint>>> ReadAncestorsAsync(
        SessionAddress address, long sequence, int limit, CancellationToken cancellationToken) =>
        (_ancestors ??= new AncestorRead(Database)).ReadPathAsync(address, sequence, limit, cancellationToken);

    public Task<Versioned<IReadOnlyDictionary<long, long>>> ReadKeptAsync(
        SessionAddress address, IReadOnlyList<long> sequences, CancellationToken cancellationToken) =>
        (_ancestors ??= new AncestorRead(Database)).ReadAsync(address, sequences, cancellationToken);

    public Task<Versioned<EarlierAttempts>> ReadAttemptsAsync(
        SessionAddress address, IReadOnlyList<Guid> requests, CancellationToken cancellationToken) =>
        Reader.ReadAsync(
            database =>
            {
                var session = SqliteRows.Session(database, address);
                return new Versioned<EarlierAttempts>(session.Version, FindAttempts(database, session, requests));
            },
            cancellationToken);

    public Task<IHistorySnapshot?> OpenSnapshotAsync(SessionAddress address, CancellationToken cancellationToken) =>
        (_snapshots ??= new HistorySnapshots(Database, Seals)).OpenAsync(address, cancellationToken);

    public Task<IReadOnlyList<SessionAddress>> ListSessionsAsync(
        TenantId? tenant, SessionAddress? after, int limit, CancellationToken cancellationToken) =>
        (_names ??= new SessionNames(Searching)).ListAsync(tenant, after, limit, cancellationToken);

    /// <summary>One checkpoint of a session that is there, inside a read of the caller's.</summary>
    internal static CheckpointRead? Find(
        SqliteDatabase database, SqliteSession session, CheckpointReference checkpoint, CheckpointParts parts)
    {
        var withState = parts.HasFlag(CheckpointParts.State);
        var row = checkpoint.Id.IsEmpty
            ? database.Prepare(withState ? WholeBySequence : SummaryBySequence).Bind(session.Key)
                .Bind(SqliteRows.SequenceOf(database, session, checkpoint))
            : database.Prepare(withState ? WholeById : SummaryById).Bind(session.Key).Bind(checkpoint.Id.Value);
        if (!row.Read())
        {
            return null;
        }

        var found = SqliteRows.Checkpoint(row, withState);
        row.Reset();
        return new CheckpointRead(
            found,
            withState ? SqliteRows.Bases(database, session.Key, found) : [],
            parts.HasFlag(CheckpointParts.Annotations) ? SqliteRows.Annotations(database, session.Key, found.Sequence) : [])
        {
            Requirers = parts.HasFlag(CheckpointParts.Requirers) ? SqliteRows.RequirersOf(database, session.Key, found.Sequence) : Requirers.None,
        };
    }

    /// <summary>What earlier attempts at requests left behind, inside a read of the caller's.</summary>
    internal static EarlierAttempts FindAttempts(SqliteDatabase database, SqliteSession session, IReadOnlyList<Guid> requests)
    {
        var (creates, remembered) = (new List<StoredCheckpoint>(), new List<RememberedRequest>());
        foreach (var id in requests.Distinct())
        {
            if (session.IsThere && database.Prepare(CreateById).Bind(session.Key).Bind(id) is var create && create.Read())
            {
                creates.Add(SqliteRows.Checkpoint(create, withState: false));
                create.Reset();
            }

            var row = database.Prepare(FindRequest).Bind(session.RowKey).Bind(id);
            if (row.Read())
            {
                var from = new RowReader(row);
                var request = new RememberedRequest(id, from.Time(), from.Text(), from.Text());
                row.Reset();
                if (session.IsThere || LifeRequests.Includes(request.Kind))
                {
                    remembered.Add(request);
                }
            }
        }

        return new EarlierAttempts(creates, remembered);
    }
}
