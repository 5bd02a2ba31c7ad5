using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Chain;
using Forge.History.Retention;
using Forge.History.Rows;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.History.Stores;

/// <summary>Reads of one session.</summary>
/// <remarks>
/// Every read is one query over one snapshot of the database that also sees the head row, so that what it answers and the
/// version it names belong to the same instant. A checkpoint is visible if its row is there and not kept for others alone,
/// its session is not deleted and no removed range covers it.
/// </remarks>
internal interface ISessionReads
{
    /// <summary>The head row, also of a deleted session, with the ids of head and current and with its branches; null if there is none.</summary>
    Task<HeadRead?> ReadHeadAsync(SessionAddress address, CancellationToken cancellationToken);

    /// <summary>The versions of some head rows by their keys, also of deleted sessions; one whose row is not there is missing.</summary>
    /// <param name="keys">The keys, each once.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<IReadOnlyDictionary<long, long>> ReadVersionsAsync(IReadOnlyCollection<long> keys, CancellationToken cancellationToken);

    /// <summary>
    /// How many data keys of a tenant were destroyed, as of no longer than <see cref="Encryption.EncryptionOptions.CheckInterval"/> ago. It only
    /// grows, and what is held in memory since it was less must not be used any more. 0 in a store that opens nothing.
    /// </summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UnavailableException">The database cannot be reached.</exception>
    ValueTask<int> CountDestroyedKeysAsync(TenantId tenant, CancellationToken cancellationToken) => ValueTask.FromResult(0);

    /// <summary>One checkpoint, with the parts that are asked for.</summary>
    Task<Versioned<CheckpointRead?>> ReadCheckpointAsync(
        SessionAddress address, CheckpointReference checkpoint, CheckpointParts parts, CancellationToken cancellationToken);

    /// <summary>
    /// Those of some checkpoints that are there, without their states, in any order; one that is named by its sequence and by its id
    /// may come twice.
    /// </summary>
    /// <param name="address">The session.</param>
    /// <param name="checkpoints">Sequences and ids.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<Versioned<IReadOnlyList<StoredCheckpoint>>> ReadCheckpointsAsync(
        SessionAddress address, IReadOnlyList<CheckpointReference> checkpoints, CancellationToken cancellationToken);

    /// <summary>
    /// A checkpoint, if it is visible, or else the nearest of its ancestors that is: the parent of the parent and so on, whether or not
    /// the rows between are there. Null if there is none.
    /// </summary>
    /// <param name="address">The session.</param>
    /// <param name="sequence">The checkpoint's sequence, from 1.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<Versioned<CheckpointPointer?>> ReadNearestAsync(SessionAddress address, long sequence, CancellationToken cancellationToken);

    /// <summary>The visible ancestors of a checkpoint, whether or not that is there itself, without their states, the nearest first.</summary>
    /// <param name="address">The session.</param>
    /// <param name="sequence">The checkpoint's sequence, from 1.</param>
    /// <param name="limit">How many at the most.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<Versioned<IReadOnlyList<StoredCheckpoint>>> ReadAncestorsAsync(
        SessionAddress address, long sequence, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Of each of some checkpoints its own sequence, if it is visible, or else that of the nearest of its ancestors that is; 0 if there is
    /// none.
    /// </summary>
    /// <param name="address">The session.</param>
    /// <param name="sequences">The checkpoints, each once, from 1.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<Versioned<IReadOnlyDictionary<long, long>>> ReadKeptAsync(
        SessionAddress address, IReadOnlyList<long> sequences, CancellationToken cancellationToken);

    /// <summary>
    /// Checkpoints without their stored states, in the order and number asked for; never reads the states. It may end before that
    /// number, and says where it goes on then.
    /// </summary>
    Task<Versioned<CheckpointList>> ListAsync(
        SessionAddress address, ListFilter filter, CancellationToken cancellationToken);

    /// <summary>
    /// Rows of checkpoints with their states and what those are decoded on, by rising sequence, whether or not they are visible: states never
    /// change, so that whoever has listed checkpoints reads those of that instant. One whose row is gone is missing.
    /// </summary>
    /// <param name="address">The session.</param>
    /// <param name="sequences">The checkpoints, each once.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<Versioned<IReadOnlyList<StoredState>>> ReadStatesAsync(
        SessionAddress address, IReadOnlyList<long> sequences, CancellationToken cancellationToken);

    /// <summary>
    /// What earlier attempts at requests with these ids left behind, in any order and of any age: rows of checkpoints that have
    /// such an id, also those that are not visible, and what is remembered under them. Of a deleted session there is what
    /// ended and began its lives alone.
    /// </summary>
    Task<Versioned<EarlierAttempts>> ReadAttemptsAsync(
        SessionAddress address, IReadOnlyList<Guid> requests, CancellationToken cancellationToken);

    /// <summary>What a policy keeps of the visible checkpoints, for the engine to decide by.</summary>
    /// <param name="address">The session.</param>
    /// <param name="policy">A valid policy.</param>
    /// <param name="now">The time that ages are counted back from.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<Versioned<CompactionSurvey>> SurveyAsync(
        SessionAddress address, RetentionPolicy policy, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>
    /// The head row with the tips of each branch, as of one instant; null if there is no such session or it is deleted. Reads every row of
    /// the session.
    /// </summary>
    /// <param name="address">The session.</param>
    /// <param name="limit">How many tips of a branch are named.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<TipsRead?> ReadTipsAsync(SessionAddress address, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Opens the session as it is now: what the snapshot yields does not change while writes go on. Null if there is
    /// no such session or it is deleted. Holds a connection until it is disposed.
    /// </summary>
    Task<IHistorySnapshot?> OpenSnapshotAsync(SessionAddress address, CancellationToken cancellationToken);
}

/// <summary>What a read found and the version of the head row it saw; 0 if the session has none.</summary>
internal readonly record struct Versioned<T>(long Version, T Value)
{
    /// <summary>Something else that the same read found.</summary>
    public Versioned<TOther> With<TOther>(TOther value) => new(Version, value);
}

/// <summary>The head row and the tips of the branches that have some, by their names.</summary>
internal sealed record TipsRead(HeadRead Head, IReadOnlyDictionary<string, BranchTips> Tips);

/// <summary>A checkpoint as a read found it.</summary>
/// <param name="Row">Its row; without its stored state unless that was asked for.</param>
/// <param name="Bases">What the state is decoded on (<see cref="StoredState.Bases"/>); empty unless the state was asked for.</param>
/// <param name="Annotations">The annotations, oldest first; empty unless they were asked for.</param>
internal sealed record CheckpointRead(
    StoredCheckpoint Row, IReadOnlyList<EncodedState> Bases, IReadOnlyList<Annotation> Annotations)
{
    /// <summary>The visible checkpoints that require it; none unless they were asked for.</summary>
    public Requirers Requirers { get; init; } = Requirers.None;

    public StoredState State => new(Row, Bases);
}

/// <summary>The checkpoints that require one.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="First">The sequences of the first of them, rising: at most <see cref="Most"/>.</param>
internal sealed record Requirers(long Count, IReadOnlyList<long> First)
{
    /// <summary>How many are named.</summary>
    public const int Most = CheckpointRequiredException.MostNamed;

    public static readonly Requirers None = new(0, []);
}

[Flags]
internal enum CheckpointParts
{
    Summary = 0,
    State = 1,
    Annotations = 2,

    /// <summary>Who requires it.</summary>
    Requirers = 4,
    All = State | Annotations,
}
