using Forge.Checkpoints;
using Forge.History.Access;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Encryption;
using Forge.History.Feeds;
using Forge.History.Forks;
using Forge.History.Lineage;
using Forge.History.Log;
using Forge.History.Reading;
using Forge.History.Retention;
using Forge.History.Rows;
using Forge.History.Search;
using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Upkeep;
using Forge.History.Usage;
using Forge.History.Verification;
using Forge.History.Writes;
using Forge.History.Writing;
using Forge.Identity;
using Forge.Sessions;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>The history in a PostgreSQL database (14 or later) that all silos of a cluster share.</summary>
internal sealed class PostgreSqlHistoryStore :
    IHistoryStore, IHistoryCommits, ISessionReads, ISessionCatalog
{
    private readonly PostgreSqlDatabase _database;
    private readonly PostgreSqlSchema _schema;
    private readonly SessionKeys _keys;
    private readonly BatchCommit _commit;
    private readonly HistorySnapshots _snapshots;
    private readonly SessionNames _names;
    private readonly SurveyRead _survey;
    private readonly TipRead _tips;
    private readonly AncestorRead _ancestors;
    private readonly SessionSearch _sessions;
    private readonly CheckpointSearch _checkpoints;
    private readonly StateRows _states;

    public PostgreSqlHistoryStore(
        string connectionString, WriterOptions options, bool allowUnsafeDurability, TimeProvider time,
        ILogger<PostgreSqlHistoryStore> logger, SealSettings? sealing = null)
    {
        _database = new PostgreSqlDatabase(connectionString, options, allowUnsafeDurability);
        _schema = new PostgreSqlSchema(_database, allowUnsafeDurability, time, logger);
        Database = new Transactions(_database);
        DataKeys = new HistoryDataKeys(Database);
        var seals = (sealing ?? SealSettings.None).For(DataKeys, time);
        _survey = new SurveyRead(Database);
        _tips = new TipRead(Database);
        _ancestors = new AncestorRead(Database);
        _sessions = new SessionSearch(Database);
        _checkpoints = new CheckpointSearch(Database);
        _states = new StateRows(Database);
        _keys = new SessionKeys(_database);
        _commit = new BatchCommit(_database);
        Log = new SessionLog(Database, seals);
        Feed = new HistoryFeed(Database, seals, signals: null);
        Staging = new HistoryStaging(Database, seals);
        Forks = new HistoryForks(Database, seals);
        Writes = new HistoryWrites(Database, seals);
        Effects = new HistoryEffects(Database);
        Upkeep = new HistoryUpkeep(Database, seals);
        Verification = new HistoryVerification(Database, seals);
        Access = new HistoryAccess(Database);
        Usage = new HistoryUsage(Database);
        Traces = new HistoryTraces(Database);
        _snapshots = new HistorySnapshots(Database, seals);
        _names = new SessionNames(Database);
        Commits = seals.IsOn ? new SealedCommits(this, seals) : this;
        Reads = new OpenedReads(this, seals);
        Catalog = new OpenedCatalog(this, seals);
    }

    public IHistoryCommits Commits { get; }

    public ISessionReads Reads { get; }

    public ISessionLog Log { get; }

    public IFeed Feed { get; }

    public IStaging Staging { get; }

    public IForks Forks { get; }

    public IPendingWrites Writes { get; }
    public IEffects Effects { get; }

    public IUpkeep Upkeep { get; }

    public IVerification Verification { get; }

    public ISessionCatalog Catalog { get; }

    public IAccess Access { get; }

    public IUsage Usage { get; }

    public ITraces Traces { get; }

    public IDataKeys DataKeys { get; }

    public bool HasOneWriter => false;

    public CommitOutcome? NoRoom => null;

    /// <summary>Transactions for what is not on the way of a commit.</summary>
    public ISqlDatabase Database { get; }

    public Task StartAsync(CancellationToken cancellationToken) => _schema.StartAsync(cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) =>
        ReadAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand("SELECT 1", connection);
                return await command.ExecuteScalarAsync(token);
            },
            cancellationToken);

    public ValueTask<long> NextSessionKeyAsync(CancellationToken cancellationToken) => _keys.NextAsync(cancellationToken);

    public Task<IReadOnlyList<CommitOutcome>> CommitAsync(CommitBatch batch, CancellationToken cancellationToken) =>
        _commit.CommitAsync(batch, cancellationToken);

    public Task<IReadOnlyList<CommitOutcome>> FindOutAsync(CommitBatch batch, CancellationToken cancellationToken) =>
        _commit.FindOutAsync(batch, cancellationToken);

    public Task<HeadRead?> ReadHeadAsync(SessionAddress address, CancellationToken cancellationToken) =>
        ReadAsync((connection, token) => HeadColumns.ReadAsync(connection, address, token), cancellationToken);

    public Task<IReadOnlyDictionary<long, long>> ReadVersionsAsync(IReadOnlyCollection<long> keys, CancellationToken cancellationToken) =>
        ReadAsync((connection, token) => HistoryReads.VersionsAsync(connection, keys, token), cancellationToken);

    public Task<FoundPage<SessionRow, SessionPlace>> ListSessionsAsync(
        TenantId tenant, SessionFilter filter, CancellationToken cancellationToken) =>
        _sessions.FindAsync(tenant, filter, cancellationToken);

    public Task<FoundPage<CheckpointRow, CheckpointPlace>> ListCheckpointsAsync(
        TenantId tenant, CheckpointFilter filter, CancellationToken cancellationToken) =>
        _checkpoints.FindAsync(tenant, filter, cancellationToken);

    public Task<Versioned<IReadOnlyList<StoredState>>> ReadStatesAsync(
        SessionAddress address, IReadOnlyList<long> sequences, CancellationToken cancellationToken) =>
        _states.ReadAsync(address, sequences, cancellationToken);

    public Task<Versioned<CheckpointRead?>> ReadCheckpointAsync(
        SessionAddress address, CheckpointReference checkpoint, CheckpointParts parts, CancellationToken cancellationToken) =>
        ReadAsync(
            (connection, token) => HistoryReads.CheckpointAsync(connection, address, checkpoint, parts, token), cancellationToken);

    public Task<Versioned<IReadOnlyList<StoredCheckpoint>>> ReadCheckpointsAsync(
        SessionAddress address, IReadOnlyList<CheckpointReference> checkpoints, CancellationToken cancellationToken) =>
        ReadAsync((connection, token) => HistoryReads.CheckpointsAsync(connection, address, checkpoints, token), cancellationToken);

    public Task<Versioned<CheckpointPointer?>> ReadNearestAsync(
        SessionAddress address, long sequence, CancellationToken cancellationToken) =>
        _ancestors.ReadAsync(address, sequence, cancellationToken);

    public Task<Versioned<IReadOnlyList<StoredCheckpoint>>> ReadAncestorsAsync(
        SessionAddress address, long sequence, int limit, CancellationToken cancellationToken) =>
        _ancestors.ReadPathAsync(address, sequence, limit, cancellationToken);

    public Task<Versioned<IReadOnlyDictionary<long, long>>> ReadKeptAsync(
        SessionAddress address, IReadOnlyList<long> sequences, CancellationToken cancellationToken) =>
        _ancestors.ReadAsync(address, sequences, cancellationToken);

    public Task<Versioned<CheckpointList>> ListAsync(
        SessionAddress address, ListFilter filter, CancellationToken cancellationToken) =>
        ReadAsync((connection, token) => HistoryReads.ListAsync(connection, address, filter, token), cancellationToken);

    public Task<Versioned<EarlierAttempts>> ReadAttemptsAsync(
        SessionAddress address, IReadOnlyList<Guid> requests, CancellationToken cancellationToken) =>
        ReadAsync((connection, token) => HistoryReads.AttemptsAsync(connection, address, requests, token), cancellationToken);

    public Task<Versioned<CompactionSurvey>> SurveyAsync(
        SessionAddress address, RetentionPolicy policy, DateTimeOffset now, CancellationToken cancellationToken) =>
        _survey.ReadAsync(address, policy, now, cancellationToken);

    public Task<TipsRead?> ReadTipsAsync(SessionAddress address, int limit, CancellationToken cancellationToken) =>
        _tips.ReadAsync(address, limit, cancellationToken);

    public Task<IHistorySnapshot?> OpenSnapshotAsync(SessionAddress address, CancellationToken cancellationToken) =>
        _snapshots.OpenAsync(address, cancellationToken);

    public Task<IReadOnlyList<SessionAddress>> ListSessionsAsync(
        TenantId? tenant, SessionAddress? after, int limit, CancellationToken cancellationToken) =>
        _names.ListAsync(tenant, after, limit, cancellationToken);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private Task<T> ReadAsync<T>(
        Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellationToken) =>
        _database.Reads.ReadAsync(read, cancellationToken);
}
