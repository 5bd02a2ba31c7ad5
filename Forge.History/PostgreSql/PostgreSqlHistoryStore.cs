using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Retention;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Writing;
using Forge.Identity;
using Forge.Sessions;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>The history in a PostgreSQL database (14 or later) that all silos of a cluster share.</summary>
internal sealed class PostgreSqlHistoryStore :
    IHistoryStore, IHistoryCommits, ISessionReads, IStaging, IUpkeep, IVerification, ISessionCatalog
{
    private readonly PostgreSqlDatabase _database;
    private readonly PostgreSqlSchema _schema;
    private readonly SessionKeys _keys;
    private readonly BatchCommit _commit;
    private readonly Staging _staging;
    private readonly DueWorkQueue _queue;
    private readonly WorkSteps _steps;
    private readonly Upkeep _upkeep;

    public PostgreSqlHistoryStore(
        string connectionString, WriterOptions options, bool allowUnsafeDurability, ILogger<PostgreSqlHistoryStore> logger)
    {
        _database = new PostgreSqlDatabase(connectionString, options, allowUnsafeDurability);
        _schema = new PostgreSqlSchema(_database, allowUnsafeDurability, logger);
        Database = new Transactions(_database);
        _keys = new SessionKeys(_database);
        _commit = new BatchCommit(_database);
        _staging = new Staging(_database);
        _queue = new DueWorkQueue(_database);
        _steps = new WorkSteps(_database);
        _upkeep = new Upkeep(_database);
    }

    public IHistoryCommits Commits => this;

    public ISessionReads Reads => this;

    public IStaging Staging => this;

    public IUpkeep Upkeep => this;

    public IVerification Verification => this;

    public ISessionCatalog Catalog => this;

    public bool HasOneWriter => false;

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

    public Task<IReadOnlyList<SessionRow>> ListSessionsAsync(
        TenantId tenant, SessionFilter filter, CancellationToken cancellationToken) =>
        ReadAsync((connection, token) => HeadColumns.ListAsync(connection, tenant, filter, token), cancellationToken);

    public Task<Versioned<StoredCheckpoint?>> ReadCheckpointAsync(
        SessionAddress address, CheckpointReference checkpoint, CheckpointParts parts, CancellationToken cancellationToken) =>
        ReadAsync(
            (connection, token) => HistoryReads.CheckpointAsync(connection, address, checkpoint, parts, token), cancellationToken);

    public Task<Versioned<IReadOnlyList<StoredCheckpoint>>> ListAsync(
        SessionAddress address, ListFilter filter, CancellationToken cancellationToken) =>
        ReadAsync((connection, token) => HistoryReads.ListAsync(connection, address, filter, token), cancellationToken);

    public Task<Versioned<RememberedRequest?>> ReadRequestAsync(
        SessionAddress address, Guid id, DateTimeOffset since, CancellationToken cancellationToken) =>
        ReadAsync((connection, token) => HistoryReads.RequestAsync(connection, address, id, since, token), cancellationToken);

    public Task<Versioned<IReadOnlyList<EarlierCreate>>> ReadCreatesAsync(
        SessionAddress address, IReadOnlyList<CheckpointId> ids, DateTimeOffset since, CancellationToken cancellationToken) =>
        ReadAsync((connection, token) => HistoryReads.CreatesAsync(connection, address, ids, since, token), cancellationToken);

    public Task<Versioned<CompactionSurvey>> SurveyAsync(
        SessionAddress address, RetentionPolicy policy, DateTimeOffset now, CancellationToken cancellationToken) =>
        ReadAsync((connection, token) => SurveyRead.ReadAsync(connection, address, policy, now, token), cancellationToken);

    public async Task<IHistorySnapshot?> OpenSnapshotAsync(SessionAddress address, CancellationToken cancellationToken) =>
        await PostgreSqlSnapshot.OpenAsync(_database, address, cancellationToken);

    public async Task<IStoredSession?> OpenStoredAsync(SessionAddress address, CancellationToken cancellationToken) =>
        await PostgreSqlStoredSession.OpenAsync(_database, address, cancellationToken);

    public Task<IReadOnlyList<SessionAddress>> ListSessionsAsync(
        TenantId? tenant, SessionAddress? after, int limit, CancellationToken cancellationToken) =>
        new VerificationRow(_database).ListSessionsAsync(tenant, after, limit, cancellationToken);

    public Task<VerificationRound?> ClaimRoundAsync(
        string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken) =>
        new VerificationRow(_database).ClaimAsync(owner, now, lease, cancellationToken);

    public Task<bool> SaveRoundAsync(
        string owner, VerificationRound round, DateTimeOffset? heldUntil, CancellationToken cancellationToken) =>
        new VerificationRow(_database).SaveAsync(owner, round, heldUntil, cancellationToken);

    public Task<VerificationRound> ReadRoundAsync(CancellationToken cancellationToken) =>
        new VerificationRow(_database).ReadAsync(cancellationToken);

    public Task BeginAsync(long key, DateTimeOffset abandonedAt, CancellationToken cancellationToken) =>
        _staging.BeginAsync(key, abandonedAt, cancellationToken);

    public Task StageAsync(long key, IReadOnlyList<StoredCheckpoint> checkpoints, CancellationToken cancellationToken) =>
        _staging.StageAsync(key, checkpoints, cancellationToken);

    public Task DiscardAsync(long key, CancellationToken cancellationToken) =>
        _staging.DiscardAsync(key, cancellationToken);

    public Task<DueWork?> ClaimDueWorkAsync(
        DueWorkKind kind, string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken) =>
        _queue.ClaimAsync(kind, owner, now, lease, cancellationToken);

    public Task<bool> DoWorkAsync(DueWork work, int limit, DateTimeOffset rememberSince, CancellationToken cancellationToken) =>
        _steps.DoAsync(work, limit, rememberSince, cancellationToken);

    public Task<int> ForgetRequestsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        _queue.ForgetRequestsAsync(before, limit, cancellationToken);

    public Task<SessionAddress?> ReadAddressAsync(long key, CancellationToken cancellationToken) =>
        _upkeep.ReadAddressAsync(key, cancellationToken);

    public Task<DueWork?> FindDueWorkAsync(DueWorkKind kind, long key, CancellationToken cancellationToken) =>
        _upkeep.FindWorkAsync(kind, key, cancellationToken);

    public Task FinishWorkAsync(
        DueWork work, DateTimeOffset? again, DateTimeOffset ifNoted, CancellationToken cancellationToken) =>
        _upkeep.FinishAsync(work, again, ifNoted, cancellationToken);

    public Task BeginWalkAsync(DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        _upkeep.BeginWalkAsync(dueAt, cancellationToken);

    public Task<IReadOnlyList<WalkedSession>> WalkAsync(long after, int limit, CancellationToken cancellationToken) =>
        _upkeep.WalkAsync(after, limit, cancellationToken);

    public Task AdvanceWalkAsync(DueWork walk, WalkStep step, CancellationToken cancellationToken) =>
        _upkeep.AdvanceAsync(walk, step, cancellationToken);

    public Task<long?> TrimEventsAsync(
        long key, long after, long newest, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        _database.Work.ChangeAsync(
            (connection, token) => Trim.StepAsync(connection, key, after, newest, since, limit, token), cancellationToken);

    public Task<bool> PurgeAsync(CancellationToken cancellationToken) => Vacuum.RunAsync(_database, cancellationToken);

    /// <summary>Autovacuum does that; the tables are set up for it.</summary>
    public Task<bool> GiveBackSpaceAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private Task<T> ReadAsync<T>(
        Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellationToken) =>
        _database.Reads.ReadAsync(read, cancellationToken);
}
