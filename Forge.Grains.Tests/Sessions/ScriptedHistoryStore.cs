using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Retention;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>A store that does what another does, unless a test says otherwise, and counts what it was asked.</summary>
internal sealed class ScriptedHistoryStore(IHistoryStore inner) : IHistoryStore, IHistoryCommits, ISessionReads, ISessionLog
{
    private int _commits;
    private int _keptReads;
    private int _lists;
    private int _headReads;
    private int _versionReads;
    private int _checkpointReads;
    private int _stateReads;
    private int _lookUps;
    private int _logReads;

    public delegate Task<IReadOnlyList<CommitOutcome>> Commit(CommitBatch batch);

    /// <summary>Stands between the writer and the commit; null for nothing.</summary>
    public Func<CommitBatch, Commit, Task<IReadOnlyList<CommitOutcome>>>? OnCommit { get; set; }

    /// <summary>Stands before reading a head; null for nothing.</summary>
    public Action? OnHeadRead { get; set; }

    /// <summary>Sees each page of a log that was read; null for nothing.</summary>
    public Action<LogPage>? AfterLogRead { get; set; }

    public delegate Task<IReadOnlyDictionary<long, long>> Versions(IReadOnlyCollection<long> keys);

    /// <summary>Stands between who asks for versions and the answer; null for nothing.</summary>
    public Func<IReadOnlyCollection<long>, Versions, Task<IReadOnlyDictionary<long, long>>>? OnVersions { get; set; }

    /// <summary>Stands before reading a checkpoint; null for nothing.</summary>
    public Func<Task>? OnCheckpointRead { get; set; }

    /// <summary>Stands between a look for earlier attempts and who asked for it; null for nothing.</summary>
    public Func<Task>? AfterLookUp { get; set; }

    /// <summary>Stands before finding out what became of a commit; null for nothing.</summary>
    public Func<Task>? OnFindOut { get; set; }

    /// <summary>Stands around every snapshot; null for nothing.</summary>
    public Func<IHistorySnapshot, IHistorySnapshot>? OnSnapshot { get; set; }

    /// <summary>Stands between a survey and who asked for it; null for nothing.</summary>
    public Func<Task>? AfterSurvey { get; set; }

    /// <summary>Holds the next batch until it is released; then it is committed, or fails if a failure is given.</summary>
    public (Task Entered, Action Release) HoldNext(Exception? failure = null)
    {
        var (entered, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        OnCommit = async (batch, commit) =>
        {
            OnCommit = null;
            entered.SetResult();
            await release.Task;
            return failure is null ? await commit(batch) : throw failure;
        };
        return (entered.Task, release.SetResult);
    }

    /// <summary>Holds the next answer to who asks for versions, once it is known, until it is released.</summary>
    public (Task Entered, Action Release) HoldNextVersions()
    {
        var (entered, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        OnVersions = async (keys, read) =>
        {
            OnVersions = null;
            var versions = await read(keys);
            entered.SetResult();
            await release.Task;
            return versions;
        };
        return (entered.Task, release.SetResult);
    }

    /// <summary>Holds the next look for earlier attempts, once it has seen what it sees, until it is released.</summary>
    public (Task Entered, Action Release) HoldNextLookUp()
    {
        var (entered, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        AfterLookUp = async () =>
        {
            AfterLookUp = null;
            entered.SetResult();
            await release.Task;
        };
        return (entered.Task, release.SetResult);
    }

    public int CommitCount => _commits;

    public int Lists => _lists;

    public int HeadReads => _headReads;

    /// <summary>How often versions were asked for.</summary>
    public int VersionReads => _versionReads;

    public int CheckpointReads => _checkpointReads;

    /// <summary>How often one checkpoint was read with its state.</summary>
    public int StateReads => _stateReads;

    public int LookUps => _lookUps;

    public int LogReads => _logReads;

    public IHistoryStore Inner => inner;

    public IHistoryCommits Commits => this;

    public ISessionReads Reads => this;

    public ISessionLog Log => this;

    public IFeed Feed => inner.Feed;

    IStaging IHistoryStore.Staging => Staging;

    public ScriptedStaging Staging => field ??= new ScriptedStaging(inner.Staging);

    public IForks Forks => inner.Forks;

    public IPendingWrites Writes => inner.Writes;
    public IEffects Effects => inner.Effects;

    public IUpkeep Upkeep => inner.Upkeep;

    public IVerification Verification => inner.Verification;

    public IAccess Access => inner.Access;

    public IDataKeys DataKeys => inner.DataKeys;

    public ISessionCatalog Catalog => inner.Catalog;

    public bool HasOneWriter { get; set; }

    /// <summary>What is said of the disk beforehand; null to ask the other.</summary>
    public CommitOutcome? SaysNoRoom { get; set; }

    public CommitOutcome? NoRoom => SaysNoRoom ?? inner.Commits.NoRoom;

    public Task StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) => inner.PingAsync(cancellationToken);

    public ValueTask<long> NextSessionKeyAsync(CancellationToken cancellationToken) => inner.Commits.NextSessionKeyAsync(cancellationToken);

    public ValueTask PrepareAsync(SessionCommit commit, CancellationToken cancellationToken) => inner.Commits.PrepareAsync(commit, cancellationToken);

    public ValueTask<int> CountDestroyedKeysAsync(TenantId tenant, CancellationToken cancellationToken) =>
        inner.Reads.CountDestroyedKeysAsync(tenant, cancellationToken);

    public Task<IReadOnlyList<CommitOutcome>> CommitAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _commits);
        return OnCommit is { } script
            ? script(batch, b => inner.Commits.CommitAsync(b, cancellationToken))
            : inner.Commits.CommitAsync(batch, cancellationToken);
    }

    public async Task<IReadOnlyList<CommitOutcome>> FindOutAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        if (OnFindOut is { } script)
        {
            await script();
        }

        return await inner.Commits.FindOutAsync(batch, cancellationToken);
    }

    async Task<LogPage?> ISessionLog.ReadAsync(
        SessionAddress address, long? after, int limit, long bytes, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _logReads);
        var page = await inner.Log.ReadAsync(address, after, limit, bytes, cancellationToken);
        if (page is not null)
        {
            AfterLogRead?.Invoke(page);
        }

        return page;
    }

    public Task<HeadRead?> ReadHeadAsync(SessionAddress address, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _headReads);
        OnHeadRead?.Invoke();
        return inner.Reads.ReadHeadAsync(address, cancellationToken);
    }

    public Task<IReadOnlyDictionary<long, long>> ReadVersionsAsync(IReadOnlyCollection<long> keys, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _versionReads);
        return OnVersions is { } script
            ? script(keys, k => inner.Reads.ReadVersionsAsync(k, cancellationToken))
            : inner.Reads.ReadVersionsAsync(keys, cancellationToken);
    }

    public async Task<Versioned<CheckpointRead?>> ReadCheckpointAsync(
        SessionAddress address, CheckpointReference checkpoint, CheckpointParts parts, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _checkpointReads);
        if (parts.HasFlag(CheckpointParts.State))
        {
            Interlocked.Increment(ref _stateReads);
        }

        if (OnCheckpointRead is { } script)
        {
            await script();
        }

        return await inner.Reads.ReadCheckpointAsync(address, checkpoint, parts, cancellationToken);
    }

    public async Task<Versioned<IReadOnlyList<StoredCheckpoint>>> ReadCheckpointsAsync(
        SessionAddress address, IReadOnlyList<CheckpointReference> checkpoints, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _checkpointReads);
        if (OnCheckpointRead is { } script)
        {
            await script();
        }

        return await inner.Reads.ReadCheckpointsAsync(address, checkpoints, cancellationToken);
    }

    public Task<Versioned<CheckpointPointer?>> ReadNearestAsync(
        SessionAddress address, long sequence, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _checkpointReads);
        return inner.Reads.ReadNearestAsync(address, sequence, cancellationToken);
    }

    public Task<Versioned<IReadOnlyList<StoredCheckpoint>>> ReadAncestorsAsync(
        SessionAddress address, long sequence, int limit, CancellationToken cancellationToken) =>
        inner.Reads.ReadAncestorsAsync(address, sequence, limit, cancellationToken);

    public Task<Versioned<IReadOnlyDictionary<long, long>>> ReadKeptAsync(
        SessionAddress address, IReadOnlyList<long> sequences, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _keptReads);
        return inner.Reads.ReadKeptAsync(address, sequences, cancellationToken);
    }

    public Task<Versioned<CheckpointList>> ListAsync(
        SessionAddress address, ListFilter filter, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _lists);
        return inner.Reads.ListAsync(address, filter, cancellationToken);
    }

    /// <summary>Stands before the states of a page are read; null for nothing.</summary>
    public Func<Task>? OnStatesRead { get; set; }

    public async Task<Versioned<IReadOnlyList<StoredState>>> ReadStatesAsync(
        SessionAddress address, IReadOnlyList<long> sequences, CancellationToken cancellationToken)
    {
        await (OnStatesRead?.Invoke() ?? Task.CompletedTask);
        return await inner.Reads.ReadStatesAsync(address, sequences, cancellationToken);
    }

    public async Task<Versioned<EarlierAttempts>> ReadAttemptsAsync(
        SessionAddress address, IReadOnlyList<Guid> requests, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _lookUps);
        var read = await inner.Reads.ReadAttemptsAsync(address, requests, cancellationToken);
        await (AfterLookUp?.Invoke() ?? Task.CompletedTask);
        return read;
    }

    public async Task<Versioned<CompactionSurvey>> SurveyAsync(
        SessionAddress address, RetentionPolicy policy, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var survey = await inner.Reads.SurveyAsync(address, policy, now, cancellationToken);
        await (AfterSurvey?.Invoke() ?? Task.CompletedTask);
        return survey;
    }

    public Task<TipsRead?> ReadTipsAsync(SessionAddress address, int limit, CancellationToken cancellationToken) =>
        inner.Reads.ReadTipsAsync(address, limit, cancellationToken);

    public async Task<IHistorySnapshot?> OpenSnapshotAsync(SessionAddress address, CancellationToken cancellationToken) =>
        await inner.Reads.OpenSnapshotAsync(address, cancellationToken) is { } snapshot ? OnSnapshot?.Invoke(snapshot) ?? snapshot : null;

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
