using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;

namespace Forge.History.Stores;

/// <summary>
/// All that is stored of one session at one instant, shown or not, for verification. Holds a connection until it is disposed;
/// one read at a time.
/// </summary>
internal interface IStoredSession : IAsyncDisposable
{
    /// <summary>The head row.</summary>
    SessionHead Head { get; }

    /// <summary>The rows of its branches but main, by their names, compared ordinally.</summary>
    Task<IReadOnlyList<SessionBranch>> BranchesAsync(CancellationToken cancellationToken);

    /// <summary>The link to the session that it was forked from; null if there is none.</summary>
    Task<ForkLink?> OriginAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Checkpoints after a sequence, by rising sequence, with their states as they are stored, without annotations and without
    /// the rows that a state is decoded on: a page of a few MiB, and none if there are no more.
    /// </summary>
    Task<IReadOnlyList<StoredRow>> RowsAsync(long after, CancellationToken cancellationToken);

    /// <summary>A checkpoint's row with the rows that its state is decoded on.</summary>
    /// <exception cref="Errors.KeyMissingException">One of those is sealed, and the key that opens it cannot be had.</exception>
    Task<StoredState> WithBasesAsync(StoredCheckpoint row, CancellationToken cancellationToken);

    /// <summary>
    /// Events after a position, by rising position, with the created events of checkpoints whose rows are gone: a page of about a
    /// MiB, and none if there are no more.
    /// </summary>
    Task<IReadOnlyList<SessionEvent>> EventsAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>Those of them that are compactions.</summary>
    Task<IReadOnlyList<SessionEvent>> CompactionsAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>Those of them that are imports.</summary>
    Task<IReadOnlyList<SessionEvent>> ImportsAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Events of single checkpoints, but their creates, by rising sequence and of each by rising position. A page as of
    /// <see cref="EventsAsync"/>.
    /// </summary>
    /// <param name="sequence">Those of this checkpoint after the position, and all of those behind it.</param>
    /// <param name="after">The position.</param>
    /// <param name="last">The last of the checkpoints.</param>
    /// <param name="limit">How many at the most.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<IReadOnlyList<SessionEvent>> EventsOfAsync(
        long sequence, long after, long last, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// About the bytes in memory of the events of checkpoints from one sequence to another, but their creates, and of what the
    /// index of tags has of them.
    /// </summary>
    Task<long> MarksBytesAsync(SequenceRange checkpoints, CancellationToken cancellationToken);

    /// <summary>Sequences after one, rising, that something is stored of and whose checkpoint is not there.</summary>
    Task<IReadOnlyList<long>> OrphansAsync(Orphans of, long after, int limit, CancellationToken cancellationToken);

    /// <summary>Removed runs after a position, by rising position.</summary>
    Task<IReadOnlyList<RemovedRun>> RunsAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>All of the effects behind a place, by when they were last begun: a few.</summary>
    Task<IReadOnlyList<StoredEffect>> EffectsAsync(EffectPlace after, CancellationToken cancellationToken);

    /// <summary>The rows of the index of tags for checkpoints from one sequence to another, in any order.</summary>
    Task<IReadOnlyList<StoredTag>> TagsAsync(SequenceRange checkpoints, CancellationToken cancellationToken);

    /// <summary>The rows of the index of what is required, of some that are required by checkpoints from one sequence to another, in any order.</summary>
    Task<IReadOnlyList<Requirement>> RequirementsAsync(IReadOnlyList<long> required, SequenceRange by, CancellationToken cancellationToken);

    /// <summary>
    /// The index of what is required after one of its rows, by what is required and then by whom, each with whether the row of the checkpoint
    /// that requires says so.
    /// </summary>
    Task<IReadOnlyList<(Requirement Row, bool IsSaid)>> IndexedRequirementsAsync(
        Requirement after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Its pending writes by sequence, task and index, with their values, wherever they stand: a page of a few MiB, and none if there are no
    /// more.
    /// </summary>
    /// <param name="after">The write that they begin after; null to begin with the least that there is.</param>
    /// <param name="limit">How many at the most.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<IReadOnlyList<StoredWriteRow>> WritesAsync(WritePosition? after, int limit, CancellationToken cancellationToken);

    /// <summary>Those of some sequences whose checkpoints are visible, in any order.</summary>
    Task<IReadOnlyList<long>> VisibleAsync(IReadOnlyList<long> sequences, CancellationToken cancellationToken);

    /// <summary>
    /// The annotations of checkpoints that are there, from one sequence to another, by rising sequence and position. Those of the rows
    /// of a page count in its bytes. One that is sealed by a key that cannot be had is as it is stored, and one that is not what was sealed has
    /// no text.
    /// </summary>
    Task<IReadOnlyList<NewAnnotation>> AnnotationsAsync(SequenceRange checkpoints, CancellationToken cancellationToken);
}

/// <summary>What may be left of a checkpoint that is not there.</summary>
internal enum Orphans
{
    Annotations,

    /// <summary>Rows of the index of tags.</summary>
    Tags,
}

/// <summary>A stored checkpoint.</summary>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Row">Its row; null if that cannot be read.</param>
/// <param name="Hidden">True if no read shows it.</param>
/// <param name="Removed">True if it is marked as kept for others alone.</param>
/// <param name="IsInTrunks">True if it is marked as a trunk by a range.</param>
/// <param name="Problem">Why it cannot be read; null if it can.</param>
internal sealed record StoredRow(
    long Sequence, StoredCheckpoint? Row, bool Hidden, bool Removed, bool IsInTrunks = false, string? Problem = null)
{
    /// <summary>True if it is sealed, and the key that opens it cannot be had: its row is as it is stored.</summary>
    public bool IsUnopened { get; init; }
}

/// <summary>Where a pending write stands.</summary>
internal enum WritePlace
{
    /// <summary>Under a visible checkpoint.</summary>
    Visible,

    /// <summary>Under one that was removed, and goes with the next steps.</summary>
    Going,

    /// <summary>Under one that is not there.</summary>
    Orphan,
}

/// <summary>A stored pending write.</summary>
/// <param name="Position">Where its row stands.</param>
/// <param name="Place">Where its checkpoint does.</param>
/// <param name="Row">Its row; null if that cannot be read.</param>
/// <param name="Problem">Why it cannot be read; null if it can.</param>
internal sealed record StoredWriteRow(WritePosition Position, WritePlace Place, StoredWrite? Row, string? Problem = null)
{
    /// <summary>True if its value is sealed, and the key that opens it cannot be had: its row is as it is stored.</summary>
    public bool IsUnopened { get; init; }
}
