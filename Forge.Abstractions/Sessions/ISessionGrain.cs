using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Integrity;
using Forge.Portability;

namespace Forge.Sessions;

/// <summary>
/// One session: an ordered, durable, isolated series of checkpoints. The key is that of
/// <see cref="SessionAddress.ToGrainKey()"/>.
/// </summary>
/// <remarks>
/// Every change is durable in the database when its call returns, and takes effect at one instant between call and
/// return; every read sees every change acknowledged before it began. Any call can raise <see cref="BusyException"/>,
/// <see cref="UnavailableException"/>, and a change <see cref="OutcomeUnknownException"/> and
/// <see cref="SessionMovedException"/>. A change without a request id must not be made again after an unknown outcome.
/// </remarks>
[Alias("forge.session")]
public interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>Creates a checkpoint with the session's next sequence.</summary>
    /// <exception cref="InvalidRequestException">A value is empty, holds a NUL or contradicts another.</exception>
    /// <exception cref="OverLimitException">A value is larger than a limit allows.</exception>
    /// <exception cref="CheckpointNotFoundException">The named parent is not there.</exception>
    /// <exception cref="HeadMismatchException">The head is not the expected one.</exception>
    /// <exception cref="RequestConflictException">The id was used before with another request.</exception>
    /// <exception cref="StateCorruptedException">A repeat, and what is remembered of the first attempt is damaged.</exception>
    [Alias("create")]
    Task<CreateResult> CreateAsync(NewCheckpoint checkpoint, CancellationToken cancellationToken = default);

    /// <summary>
    /// Creates checkpoints with consecutive sequences in one step: all or none. In a repeat of the whole batch each is
    /// answered as before; a batch of which some were created before and some not is a conflict.
    /// </summary>
    /// <exception cref="OverLimitException">More than 1,000 or 16 MiB of states (by default), or a value too large.</exception>
    /// <exception cref="InvalidRequestException">The batch is empty, an id comes twice in it, or a value is bad.</exception>
    /// <exception cref="CheckpointNotFoundException">A named parent is not there.</exception>
    /// <exception cref="HeadMismatchException">The head is not the expected one.</exception>
    /// <exception cref="RequestConflictException">An id was used before with another request.</exception>
    /// <exception cref="StateCorruptedException">A repeat, and what is remembered of the first attempt is damaged.</exception>
    [Alias("create-batch")]
    Task<IReadOnlyList<CreateResult>> CreateBatchAsync(
        IReadOnlyList<NewCheckpoint> checkpoints, CancellationToken cancellationToken = default);

    /// <summary>A checkpoint with its state and annotations; null where it is not there.</summary>
    /// <exception cref="StateCorruptedException">The state is not what was saved.</exception>
    [Alias("get")]
    Task<Checkpoint?> GetAsync(CheckpointReference checkpoint, CancellationToken cancellationToken = default);

    /// <summary>A checkpoint without its state; null where it is not there.</summary>
    [Alias("get-summary")]
    Task<CheckpointSummary?> GetSummaryAsync(CheckpointReference checkpoint, CancellationToken cancellationToken = default);

    /// <summary>Summaries of checkpoints, a page at a time; empty for a session that does not exist.</summary>
    /// <exception cref="InvalidRequestException">The cursor, a bound or the limit is bad.</exception>
    /// <exception cref="OverLimitException">The limit is above the page limit.</exception>
    [Alias("list")]
    Task<CheckpointPage> ListAsync(CheckpointQuery query, CancellationToken cancellationToken = default);

    /// <summary>Makes a checkpoint current, records that, and answers it with its state.</summary>
    /// <exception cref="CheckpointNotFoundException">It is not there.</exception>
    /// <exception cref="StateCorruptedException">The state is not what was saved; nothing was changed.</exception>
    [Alias("restore")]
    Task<RestoreResult> RestoreAsync(
        CheckpointReference checkpoint, ChangeRequest request = default, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes a checkpoint. Where it was the head, the newest one left becomes the head; where it was current, the head
    /// becomes current. Its sequence is not given out again. False where it is not there.
    /// </summary>
    [Alias("delete")]
    Task<bool> DeleteAsync(
        CheckpointReference checkpoint, ChangeRequest request = default, CancellationToken cancellationToken = default);

    /// <summary>Attaches a note to a checkpoint.</summary>
    /// <exception cref="CheckpointNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidRequestException">The text is empty or holds a NUL.</exception>
    /// <exception cref="OverLimitException">The text is longer than 16 KiB of UTF-8 (by default).</exception>
    [Alias("annotate")]
    Task<Annotation> AnnotateAsync(
        CheckpointReference checkpoint,
        AnnotationSeverity severity,
        string text,
        ChangeRequest request = default,
        CancellationToken cancellationToken = default);

    /// <summary>Replaces the tags of a checkpoint and answers it as it is then.</summary>
    /// <exception cref="CheckpointNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidRequestException">A tag is empty or holds a NUL.</exception>
    /// <exception cref="OverLimitException">There are too many tags, or one is too long.</exception>
    [Alias("set-tags")]
    Task<CheckpointSummary> SetTagsAsync(
        CheckpointReference checkpoint,
        IReadOnlyList<string> tags,
        ChangeRequest request = default,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Removes what the policy does not keep, at one instant; creates beside it go on. The head, the current checkpoint
    /// and the tips of branches always stay.
    /// </summary>
    /// <param name="policy">What to keep; null for the session's own retention, then its tenant's, then the silo's.</param>
    /// <param name="dryRun">True to be told what would go, with nothing changed.</param>
    /// <param name="request">The request id.</param>
    /// <param name="cancellationToken">Gives up waiting; what was begun still ends.</param>
    /// <exception cref="InvalidRequestException">The policy has no part or a bad one, or there is none.</exception>
    [Alias("compact")]
    Task<CompactResult> CompactAsync(
        RetentionPolicy? policy,
        bool dryRun = false,
        ChangeRequest request = default,
        CancellationToken cancellationToken = default);

    /// <summary>
    /// Verifies all that is stored of the session, shown or not, against its hash chain, as it is at one instant: every edit,
    /// removal, insertion or swap made behind the service's back is found and located. Changes nothing, and creates beside it
    /// go on. Answers once, at the end, however long that takes.
    /// </summary>
    /// <param name="anchors">Anchors from earlier answers, to be told whether the chain still goes through them; at most 1,000,
    /// and empty for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SessionNotFoundException">Nothing was ever saved in it.</exception>
    /// <exception cref="SessionDeletedException">It is deleted: there is nothing left to verify.</exception>
    /// <exception cref="InvalidRequestException">An anchor has a bad position or value.</exception>
    /// <exception cref="OverLimitException">There are too many anchors.</exception>
    [Alias("verify")]
    IAsyncEnumerable<VerifyResult> VerifyAsync(
        IReadOnlyList<Anchor> anchors, CancellationToken cancellationToken = default);

    /// <summary>What the session is now; null where nothing was ever saved in it.</summary>
    [Alias("get-info")]
    Task<SessionInfo?> GetInfoAsync(CancellationToken cancellationToken = default);

    /// <summary>Replaces the session's settings, making the session where it does not exist.</summary>
    /// <exception cref="InvalidRequestException">A value is bad.</exception>
    /// <exception cref="OverLimitException">There are too many labels, or one is too long.</exception>
    [Alias("set-settings")]
    Task<SessionInfo> SetSettingsAsync(
        SessionSettings settings, ChangeRequest request = default, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes the session with all it holds, for good; its name stays taken, and later calls that would change it raise
    /// <see cref="SessionDeletedException"/>. At once nothing of it can be read; its rows go in the background. False where nothing was ever saved in it, or it is deleted already.
    /// </summary>
    [Alias("delete-session")]
    Task<bool> DeleteSessionAsync(ChangeRequest request = default, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes the session, where it is not deleted yet, and removes its rows before it answers, as far as that takes some
    /// seconds. What stays is its name, which is taken for good; names should therefore say nothing of persons. Can be
    /// called again at any time, also to ask how far it is.
    /// </summary>
    [Alias("erase-session")]
    Task<ErasureStatus> EraseSessionAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// The session as one NDJSON document, as it was at one instant, in pieces of at most 256 KiB. Ends with an
    /// <c>EnumerationAbortedException</c> where the activation goes away meanwhile: begin again.
    /// </summary>
    /// <exception cref="SessionNotFoundException">Nothing was ever saved in it.</exception>
    /// <exception cref="StateCorruptedException">A state is not what was saved; the document ends before it.</exception>
    /// <exception cref="OverLimitException">It was read more slowly than an export may take; the document ends there.</exception>
    [Alias("export")]
    IAsyncEnumerable<byte[]> ExportAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Begins an import of a document that <see cref="ExportAsync"/> gave. (That of the earlier single-process tool is
    /// converted to one before it is sent.) What is sent is kept apart and seen by nobody until
    /// <see cref="CompleteImportAsync"/>; an import that is not completed within an hour, or whose activation goes away,
    /// changes nothing.
    /// </summary>
    [Alias("begin-import")]
    Task<ImportTicket> BeginImportAsync(CancellationToken cancellationToken = default);

    /// <summary>Sends the next piece of the document, cut anywhere, at most 1 MiB.</summary>
    /// <param name="ticket">The import.</param>
    /// <param name="index">The number of the piece, from 0, one more each time.</param>
    /// <param name="piece">The bytes.</param>
    /// <param name="cancellationToken">Gives up waiting; the import must then be abandoned.</param>
    /// <exception cref="ImportRejectedException">The document is broken, or the import is not known; it is over.</exception>
    [Alias("append-import")]
    Task AppendImportAsync(ImportTicket ticket, int index, ReadOnlyMemory<byte> piece, CancellationToken cancellationToken = default);

    /// <summary>
    /// Ends an import and makes it visible in one instant. Into a session that was never used, ids, sequences, times and
    /// checksums stay as they were. Into one that exists, checkpoints that are there already, the same, are skipped;
    /// those above its last sequence are added; one that differs, or whose sequence was used and is gone, refuses the whole.
    /// </summary>
    /// <remarks>Into a session that exists, what was staged is moved here, so that the call may take minutes.</remarks>
    /// <exception cref="ImportRejectedException">The document is broken, short, or does not fit; nothing was changed.</exception>
    [Alias("complete-import")]
    [ResponseTimeout("00:30:00")]
    Task<ImportResult> CompleteImportAsync(ImportTicket ticket, CancellationToken cancellationToken = default);

    /// <summary>Ends an import and forgets what was sent; nothing where it is not known.</summary>
    [Alias("abandon-import")]
    Task AbandonImportAsync(ImportTicket ticket);
}
