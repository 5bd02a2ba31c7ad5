using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Changes;

/// <summary>
/// All that one session changes in one commit. A store writes the whole of it or nothing, and only where the head row
/// still has <see cref="ExpectedVersion"/>.
/// </summary>
internal sealed record SessionCommit
{
    public required SessionAddress Address { get; init; }

    /// <summary>The version that the head row must have; 0 where there must be no row yet.</summary>
    public required long ExpectedVersion { get; init; }

    /// <summary>The head row afterwards. Its version is one more than the expected, its key is set, its last batch is not:
    /// the store writes the id of the batch there.</summary>
    public required SessionHead Head { get; init; }

    /// <summary>New checkpoints, by rising sequence, all above the sequences of rows that are there.</summary>
    public IReadOnlyList<StoredCheckpoint> Creates { get; init; } = [];

    /// <summary>New tags of checkpoints; at most one entry a sequence.</summary>
    public IReadOnlyList<TagChange> TagChanges { get; init; } = [];

    public IReadOnlyList<NewAnnotation> Annotations { get; init; } = [];

    /// <summary>
    /// Checkpoints that are not visible from this commit on, and whose tags and annotations go in it. A store adds a removed
    /// range for each; the rows go later, since others may be decoded on them.
    /// </summary>
    public IReadOnlyList<long> Deletes { get; init; } = [];

    /// <summary>Ranges of sequences in which nothing is visible from this commit on; their rows go later.</summary>
    public IReadOnlyList<SequenceRange> Removals { get; init; } = [];

    /// <summary>Checkpoints to mark as <see cref="StoredCheckpoint.Trunk"/>.</summary>
    public IReadOnlyList<long> Trunks { get; init; } = [];

    /// <summary>Events other than creates.</summary>
    public IReadOnlyList<SessionEvent> Events { get; init; } = [];

    /// <summary>Requests to remember. A request id that is there already makes the commit <see cref="CommitStatus.Duplicate"/>.</summary>
    public IReadOnlyList<RememberedRequest> Requests { get; init; } = [];

    /// <summary>Work for later; of two for the same session and kind the one that is due earlier stands.</summary>
    public IReadOnlyList<NewDueWork> DueWork { get; init; } = [];

    /// <summary>
    /// The key under which rows were staged that become this session's now; 0 for none. The same as the head's key where
    /// the session is new. The staging's due work goes; where it is not there or was ever claimed, rows may be missing, and
    /// the batch is rejected as <see cref="CommitStatus.Refused"/>.
    /// </summary>
    public long StagedKey { get; init; }

    /// <summary>
    /// What is added to the positions of the staged rows, which count from 1: the position before the first of them. 0 where
    /// the session is new.
    /// </summary>
    public long StagedOffset { get; init; }

    /// <summary>What counts against the bounds of queues and batches: about what crosses the wire, in bytes.</summary>
    public long Weight { get; init; }
}

internal readonly record struct TagChange(long Sequence, IReadOnlyList<string> Tags);

internal readonly record struct NewAnnotation(
    long Sequence, long Position, DateTimeOffset At, AnnotationSeverity Severity, string Text);

/// <summary>Sequences from the first to the last, both included.</summary>
internal readonly record struct SequenceRange(long First, long Last);

/// <summary>An event of a session's log.</summary>
/// <param name="Position">Its position.</param>
/// <param name="Kind">What happened.</param>
/// <param name="At">When.</param>
/// <param name="Sequence">The checkpoint it happened to; 0 where it happened to the session.</param>
/// <param name="LastSequence">The greatest sequence given out before it. Since creates have no event row, this is what
/// finds the creates around it.</param>
/// <param name="Detail">What else there is to say, as a JSON object; null for nothing.</param>
/// <param name="Chain">The chain value of the position; null where it was written before sessions were chained.</param>
internal readonly record struct SessionEvent(
    long Position,
    SessionEventKind Kind,
    DateTimeOffset At,
    long Sequence,
    long LastSequence,
    string? Detail,
    byte[]? Chain = null);

/// <summary>What happened. The numbers are stored; they never change meaning.</summary>
internal enum SessionEventKind : short
{
    Created = 0,
    Restored = 1,
    Deleted = 2,
    Compacted = 3,
    Annotated = 4,
    Tagged = 5,
    Forked = 6,
    Imported = 7,
}

/// <summary>A request that took effect, kept for the request window.</summary>
/// <param name="Id">The request id.</param>
/// <param name="At">When it took effect; a create that is remembered because its checkpoint went: when it was created.</param>
/// <param name="Kind">Which operation it was.</param>
/// <param name="Outcome">What a repeat is answered with, and compared to: a JSON object; of a create, what <see cref="RemovedCreate"/> wrote.</param>
internal readonly record struct RememberedRequest(Guid Id, DateTimeOffset At, string Kind, string Outcome);

internal enum DueWorkKind : short
{
    /// <summary>
    /// Remove the rows in a session's removed ranges, or hide those that visible ones are decoded on, then the ranges.
    /// </summary>
    Reclaim = 1,

    /// <summary>Remove staged rows that no session took over.</summary>
    Staging = 2,

    /// <summary>Remove every row of a deleted session but its head row, and then note <see cref="Purge"/>.</summary>
    Erase = 3,

    /// <summary>Apply a session's policy and its time to live.</summary>
    Retain = 4,

    /// <summary>Look at all sessions for those that need <see cref="Retain"/> or <see cref="Trim"/>; one for the database.</summary>
    Walk = 5,

    /// <summary>Remove what a session's event log need not keep.</summary>
    Trim = 6,

    /// <summary>Make what was erased unreadable in the database's files; one for the database.</summary>
    Purge = 7,
}

internal readonly record struct NewDueWork(DueWorkKind Kind, DateTimeOffset DueAt);
