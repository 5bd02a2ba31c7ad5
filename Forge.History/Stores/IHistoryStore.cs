using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Reclaiming;
using Forge.History.Retention;
using Forge.History.Rows;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.History.Stores;

/// <summary>
/// The history of all sessions in one database. Knows rows and versions, and nothing of what they mean.
/// </summary>
/// <remarks>
/// <para>
/// Safe for concurrent use. Every read is one query over one snapshot of the database that also sees the head row, so
/// that what it answers and the version it names belong to the same instant. A checkpoint is visible where its row is
/// there and not kept for others alone, its session is not deleted and no removed range covers it.
/// </para>
/// <para>
/// Every method but <see cref="CommitAsync"/> raises <see cref="UnavailableException"/> where the database cannot be
/// reached or does not answer in time, and <see cref="OperationCanceledException"/> where it was cancelled.
/// </para>
/// </remarks>
internal partial interface IHistoryStore : IAsyncDisposable
{
    /// <summary>True where a commit waits for the one before it, so that it is better to gather more than to send two.</summary>
    bool HasOneWriter { get; }

    /// <summary>Brings the schema up to date and checks that commits are durable. Called once, before anything else.</summary>
    /// <exception cref="UnsafeDurabilityException">The database would acknowledge what a crash can lose.</exception>
    /// <exception cref="SchemaTooNewException">A newer Forge has changed the schema so that this one must not touch it.</exception>
    /// <exception cref="DatabaseInUseException">Another process has the embedded database.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Answers once the database does.</summary>
    Task PingAsync(CancellationToken cancellationToken);

    /// <summary>A key that no session has and none was ever given.</summary>
    ValueTask<long> NextSessionKeyAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Writes a batch in one transaction and answers for each of its commits, in their order: <c>Committed</c>,
    /// <c>Conflict</c> or <c>Locked</c>. When it returns, what is <c>Committed</c> survives a crash. The memory that the
    /// commits refer to is not used after the returned task has completed.
    /// </summary>
    /// <exception cref="BatchRejectedException">Nothing was written, because of what one of the commits holds.</exception>
    /// <exception cref="UnavailableException">Nothing was written, because the database cannot be reached.</exception>
    /// <exception cref="CommitInDoubtException">It may have been written.</exception>
    Task<IReadOnlyList<CommitOutcome>> CommitAsync(CommitBatch batch, CancellationToken cancellationToken);

    /// <summary>
    /// Finds out what became of a batch in doubt, by the head rows: waits for a transaction that is still under way on
    /// them, and then answers for each commit <c>Committed</c> (the row names the batch), <c>Unavailable</c> (it has the
    /// version before: nothing was written) or <c>Unknown</c> (somebody wrote since).
    /// </summary>
    Task<IReadOnlyList<CommitOutcome>> FindOutAsync(CommitBatch batch, CancellationToken cancellationToken);

    /// <summary>The head row, also of a deleted session, with the ids of head and current; null where there is none.</summary>
    Task<HeadRead?> ReadHeadAsync(SessionAddress address, CancellationToken cancellationToken);

    /// <summary>
    /// The living sessions of a tenant by rising name, compared ordinally, with their head rows and the ids of head and
    /// current.
    /// </summary>
    Task<IReadOnlyList<SessionRow>> ListSessionsAsync(
        TenantId tenant, SessionFilter filter, CancellationToken cancellationToken);

    /// <summary>One checkpoint. With its state, it comes with the rows that the state is decoded on.</summary>
    Task<Versioned<StoredCheckpoint?>> ReadCheckpointAsync(
        SessionAddress address, CheckpointReference checkpoint, CheckpointParts parts, CancellationToken cancellationToken);

    /// <summary>Checkpoints without their stored states, in the order and number asked for; never reads the states.</summary>
    Task<Versioned<IReadOnlyList<StoredCheckpoint>>> ListAsync(
        SessionAddress address, ListFilter filter, CancellationToken cancellationToken);

    /// <summary>A remembered request that is not older than <paramref name="since"/>.</summary>
    Task<Versioned<RememberedRequest?>> ReadRequestAsync(
        SessionAddress address, Guid id, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>
    /// The creates that made checkpoints with these ids, in any order: from the rows, also those that are not visible, and
    /// else from the creates remembered since <paramref name="since"/> (<see cref="RemovedCreate.Recall"/>). Ids that
    /// neither knows are left out.
    /// </summary>
    /// <exception cref="StateCorruptedException">What is remembered of one of the creates is damaged.</exception>
    Task<Versioned<IReadOnlyList<EarlierCreate>>> ReadCreatesAsync(
        SessionAddress address, IReadOnlyList<CheckpointId> ids, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>What a policy keeps of the visible checkpoints, for the engine to decide by.</summary>
    /// <param name="address">The session.</param>
    /// <param name="policy">A valid policy.</param>
    /// <param name="now">The time that ages are counted back from.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<Versioned<CompactionSurvey>> SurveyAsync(
        SessionAddress address, RetentionPolicy policy, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>
    /// Opens the session as it is now: what the snapshot yields does not change while writes go on. Null where there is
    /// no such session or it is deleted. Holds a connection until it is disposed.
    /// </summary>
    Task<IHistorySnapshot?> OpenSnapshotAsync(SessionAddress address, CancellationToken cancellationToken);

    /// <summary>
    /// Opens all that is stored of a session as it is now, for verification. Null where there is no such session or it is
    /// deleted. Holds a connection until it is disposed.
    /// </summary>
    Task<IStoredSession?> OpenStoredAsync(SessionAddress address, CancellationToken cancellationToken);

    /// <summary>
    /// The names of sessions that are not deleted, by rising tenant and session, compared ordinally; of one tenant or of all.
    /// </summary>
    /// <param name="tenant">The tenant; null for all.</param>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="limit">The most names.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<IReadOnlyList<SessionAddress>> ListSessionsAsync(
        TenantId? tenant, SessionAddress? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the background verification, where its next step is due and nobody holds it, for <paramref name="lease"/> long;
    /// null where it is not to be had.
    /// </summary>
    Task<VerificationRound?> ClaimVerificationAsync(
        string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>
    /// Writes how far the background verification came, and holds it until a time, or lets go of it where that is null.
    /// </summary>
    /// <returns>False, and nothing is written, where somebody else holds it by now.</returns>
    Task<bool> SaveVerificationAsync(
        string owner, VerificationRound round, DateTimeOffset? heldUntil, CancellationToken cancellationToken);

    /// <summary>How far the background verification has come, and what its last round found.</summary>
    Task<VerificationRound> ReadVerificationAsync(CancellationToken cancellationToken);

    /// <summary>Notes that rows will be staged under a key, and from when on they may be removed as abandoned.</summary>
    Task BeginStagingAsync(long key, DateTimeOffset abandonedAt, CancellationToken cancellationToken);

    /// <summary>
    /// Writes checkpoints (with their <see cref="StoredCheckpoint.Annotations"/> and tags) that no session shows until a
    /// commit takes them over by <see cref="SessionCommit.StagedKey"/>.
    /// </summary>
    /// <exception cref="BatchRejectedException">
    /// Nothing was written: a sequence or id is there already under the key (<c>Duplicate</c>), or the staging was not begun
    /// or somebody claimed its removal (<c>Refused</c>), after which nobody would remove these rows.
    /// </exception>
    Task StageAsync(long key, IReadOnlyList<StoredCheckpoint> checkpoints, CancellationToken cancellationToken);

    /// <summary>Lets what was staged under a key be removed at once.</summary>
    Task DiscardStagingAsync(long key, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the piece of work of a kind that has been due the longest and that nobody holds, for <paramref name="lease"/>
    /// long; null where there is none.
    /// </summary>
    Task<DueWork?> ClaimDueWorkAsync(
        DueWorkKind kind, string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>
    /// Does one step of claimed work that removes rows (<c>Reclaim</c>, <c>Staging</c>, <c>Erase</c>), removing at most <paramref name="limit"/> checkpoints and ending early at
    /// <see cref="WorkStep.StoredBytes"/>; when nothing is left the work itself goes. Rows that a living session shows are
    /// never removed, whatever the work says, and rows that such a row is decoded on are hidden instead. Of the removed
    /// checkpoints those created after <paramref name="rememberSince"/> are remembered as
    /// requests in the same transaction (<see cref="RemovedCreate"/>); of a deleted session none is.
    /// </summary>
    /// <returns>True where the work is done.</returns>
    Task<bool> DoWorkAsync(DueWork work, int limit, DateTimeOffset rememberSince, CancellationToken cancellationToken);

    /// <summary>Forgets at most <paramref name="limit"/> requests older than <paramref name="before"/>; says how many went.</summary>
    Task<int> ForgetRequestsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken);
}

/// <summary>A head row and what else an activation needs to know of it.</summary>
/// <param name="Head">The row.</param>
/// <param name="HeadId">The id of the head; empty for none.</param>
/// <param name="CurrentId">The id of the current checkpoint; empty for none.</param>
internal sealed record HeadRead(SessionHead Head, CheckpointId HeadId, CheckpointId CurrentId);

/// <summary>What a read found and the version of the head row it saw; 0 where the session has none.</summary>
internal readonly record struct Versioned<T>(long Version, T Value);

[Flags]
internal enum CheckpointParts
{
    Summary = 0,
    State = 1,
    Annotations = 2,
    All = State | Annotations,
}

/// <summary>
/// Which checkpoints to list. Bounds on sequences exclude, bounds on times include. A store may find a bound on times by
/// halving, since no checkpoint of a session was created before one with a lesser sequence.
/// </summary>
internal sealed record ListFilter
{
    public string? Tag { get; init; }

    public CheckpointTrigger? Trigger { get; init; }

    public long After { get; init; }

    public long Before { get; init; } = long.MaxValue;

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    public ListOrder Order { get; init; }

    public required int Limit { get; init; }
}

/// <summary>One session at one instant.</summary>
internal interface IHistorySnapshot : IAsyncDisposable
{
    HeadRead Head { get; }

    /// <summary>
    /// The visible checkpoints with all their parts, by rising sequence, two in memory at a time. Read once. Their states are
    /// decoded and plain; <see cref="StoredCheckpoint.StoredSize"/> says how large they are in the store.
    /// </summary>
    /// <exception cref="StateCorruptedException">A row is damaged, or one that it stands on.</exception>
    IAsyncEnumerable<StoredCheckpoint> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>Claimed work.</summary>
/// <param name="Id">Its id, never used again.</param>
/// <param name="Kind">What there is to do.</param>
/// <param name="SessionKey">For which session; 0 for the database.</param>
/// <param name="Noted">How often it was noted again before it was claimed.</param>
/// <param name="Cursor">Where a walk stands.</param>
internal sealed record DueWork(long Id, DueWorkKind Kind, long SessionKey, long Noted = 0, long Cursor = 0);
