using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Retention;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>A store that does what another does, except where a test says otherwise, and counts what it was asked.</summary>
internal sealed class ScriptedHistoryStore(IHistoryStore inner) : IHistoryStore
{
    private int _commits;
    private int _lists;
    private int _headReads;
    private int _checkpointReads;

    public delegate Task<IReadOnlyList<CommitOutcome>> Commit(CommitBatch batch);

    /// <summary>Stands between the writer and the commit; null for nothing.</summary>
    public Func<CommitBatch, Commit, Task<IReadOnlyList<CommitOutcome>>>? OnCommit { get; set; }

    /// <summary>Stands before reading a checkpoint; null for nothing.</summary>
    public Func<Task>? OnCheckpointRead { get; set; }

    /// <summary>Stands before finding out what became of a commit; null for nothing.</summary>
    public Func<Task>? OnFindOut { get; set; }

    /// <summary>Stands around every snapshot; null for nothing.</summary>
    public Func<IHistorySnapshot, IHistorySnapshot>? OnSnapshot { get; set; }

    /// <summary>Stands between a survey and who asked for it; null for nothing.</summary>
    public Func<Task>? AfterSurvey { get; set; }

    /// <summary>Holds the next batch until it is released; then it is committed, or fails where a failure is given.</summary>
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

    public int Commits => _commits;

    public int Lists => _lists;

    public int HeadReads => _headReads;

    public int CheckpointReads => _checkpointReads;

    public IHistoryStore Inner => inner;

    public bool HasOneWriter { get; set; }

    public Task StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) => inner.PingAsync(cancellationToken);

    public ValueTask<long> NextSessionKeyAsync(CancellationToken cancellationToken) => inner.NextSessionKeyAsync(cancellationToken);

    public Task<IReadOnlyList<CommitOutcome>> CommitAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _commits);
        return OnCommit is { } script
            ? script(batch, b => inner.CommitAsync(b, cancellationToken))
            : inner.CommitAsync(batch, cancellationToken);
    }

    public async Task<IReadOnlyList<CommitOutcome>> FindOutAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        if (OnFindOut is { } script)
        {
            await script();
        }

        return await inner.FindOutAsync(batch, cancellationToken);
    }

    public Task<HeadRead?> ReadHeadAsync(SessionAddress address, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _headReads);
        return inner.ReadHeadAsync(address, cancellationToken);
    }

    public Task<IReadOnlyList<SessionRow>> ListSessionsAsync(
        TenantId tenant, SessionFilter filter, CancellationToken cancellationToken) =>
        inner.ListSessionsAsync(tenant, filter, cancellationToken);

    public async Task<Versioned<StoredCheckpoint?>> ReadCheckpointAsync(
        SessionAddress address, CheckpointReference checkpoint, CheckpointParts parts, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _checkpointReads);
        if (OnCheckpointRead is { } script)
        {
            await script();
        }

        return await inner.ReadCheckpointAsync(address, checkpoint, parts, cancellationToken);
    }

    public Task<Versioned<IReadOnlyList<StoredCheckpoint>>> ListAsync(
        SessionAddress address, ListFilter filter, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _lists);
        return inner.ListAsync(address, filter, cancellationToken);
    }

    public Task<Versioned<RememberedRequest?>> ReadRequestAsync(
        SessionAddress address, Guid id, DateTimeOffset since, CancellationToken cancellationToken) =>
        inner.ReadRequestAsync(address, id, since, cancellationToken);

    public Task<Versioned<IReadOnlyList<EarlierCreate>>> ReadCreatesAsync(
        SessionAddress address, IReadOnlyList<CheckpointId> ids, DateTimeOffset since, CancellationToken cancellationToken) =>
        inner.ReadCreatesAsync(address, ids, since, cancellationToken);

    public async Task<Versioned<CompactionSurvey>> SurveyAsync(
        SessionAddress address, RetentionPolicy policy, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var survey = await inner.SurveyAsync(address, policy, now, cancellationToken);
        await (AfterSurvey?.Invoke() ?? Task.CompletedTask);
        return survey;
    }

    public async Task<IHistorySnapshot?> OpenSnapshotAsync(SessionAddress address, CancellationToken cancellationToken) =>
        await inner.OpenSnapshotAsync(address, cancellationToken) is { } snapshot ? OnSnapshot?.Invoke(snapshot) ?? snapshot : null;

    public Task<IStoredSession?> OpenStoredAsync(SessionAddress address, CancellationToken cancellationToken) =>
        inner.OpenStoredAsync(address, cancellationToken);

    public Task<IReadOnlyList<SessionAddress>> ListSessionsAsync(
        TenantId? tenant, SessionAddress? after, int limit, CancellationToken cancellationToken) =>
        inner.ListSessionsAsync(tenant, after, limit, cancellationToken);

    public Task<VerificationRound?> ClaimVerificationAsync(
        string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken) =>
        inner.ClaimVerificationAsync(owner, now, lease, cancellationToken);

    public Task<bool> SaveVerificationAsync(
        string owner, VerificationRound round, DateTimeOffset? heldUntil, CancellationToken cancellationToken) =>
        inner.SaveVerificationAsync(owner, round, heldUntil, cancellationToken);

    public Task<VerificationRound> ReadVerificationAsync(CancellationToken cancellationToken) =>
        inner.ReadVerificationAsync(cancellationToken);

    public Task BeginStagingAsync(long key, DateTimeOffset abandonedAt, CancellationToken cancellationToken) =>
        inner.BeginStagingAsync(key, abandonedAt, cancellationToken);

    public Task StageAsync(long key, IReadOnlyList<StoredCheckpoint> checkpoints, CancellationToken cancellationToken) =>
        inner.StageAsync(key, checkpoints, cancellationToken);

    public Task DiscardStagingAsync(long key, CancellationToken cancellationToken) =>
        inner.DiscardStagingAsync(key, cancellationToken);

    public Task<DueWork?> ClaimDueWorkAsync(
        DueWorkKind kind, string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken) =>
        inner.ClaimDueWorkAsync(kind, owner, now, lease, cancellationToken);

    public Task<bool> DoWorkAsync(DueWork work, int limit, DateTimeOffset rememberSince, CancellationToken cancellationToken) =>
        inner.DoWorkAsync(work, limit, rememberSince, cancellationToken);

    public Task<int> ForgetRequestsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        inner.ForgetRequestsAsync(before, limit, cancellationToken);

    public Task<SessionAddress?> ReadAddressAsync(long key, CancellationToken cancellationToken) =>
        inner.ReadAddressAsync(key, cancellationToken);

    public Task<DueWork?> FindDueWorkAsync(DueWorkKind kind, long key, CancellationToken cancellationToken) =>
        inner.FindDueWorkAsync(kind, key, cancellationToken);

    public Task FinishWorkAsync(
        DueWork work, DateTimeOffset? again, DateTimeOffset ifNoted, CancellationToken cancellationToken) =>
        inner.FinishWorkAsync(work, again, ifNoted, cancellationToken);

    public Task BeginWalkAsync(DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        inner.BeginWalkAsync(dueAt, cancellationToken);

    public Task<IReadOnlyList<WalkedSession>> WalkAsync(long after, int limit, CancellationToken cancellationToken) =>
        inner.WalkAsync(after, limit, cancellationToken);

    public Task AdvanceWalkAsync(DueWork walk, WalkStep step, CancellationToken cancellationToken) =>
        inner.AdvanceWalkAsync(walk, step, cancellationToken);

    public Task<long?> TrimEventsAsync(
        long key, long after, long newest, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        inner.TrimEventsAsync(key, after, newest, since, limit, cancellationToken);

    public Task<bool> PurgeAsync(CancellationToken cancellationToken) => inner.PurgeAsync(cancellationToken);

    public Task<bool> GiveBackSpaceAsync(CancellationToken cancellationToken) =>
        inner.GiveBackSpaceAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
