using Forge.Checkpoints;
using Forge.Errors;
using Forge.Events;
using Forge.Identity;
using Forge.Integrity;
using Forge.Operations;
using Forge.Portability;
using Forge.Schedules;

namespace Forge.Sessions;

/// <summary>
/// One session: an ordered, durable, isolated series of checkpoints. The key is that of
/// <see cref="SessionAddress.ToGrainKey()"/>.
/// </summary>
/// <remarks>
/// Every change is durable in the database when its call returns, and takes effect at one instant between call and
/// return; every read sees every change acknowledged before it began. Any call can raise <see cref="BusyException"/>,
/// <see cref="UnavailableException"/>, and a change <see cref="OutcomeUnknownException"/> and
/// <see cref="SessionMovedException"/>. A change without a request id must not be made again after an unknown outcome. In a session that
/// somebody has claimed, a change that does not carry the epoch of the claim raises <see cref="SessionClaimedException"/> or
/// <see cref="ClaimSupersededException"/> and changes nothing; a repeat is answered as a repeat under any epoch. A call that brings an
/// anchor which the session's log does not contain raises <see cref="HistoryRewrittenException"/>, a repeat too.
/// </remarks>
[Alias("forge.session")]
public interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>Creates a checkpoint with the session's next sequence.</summary>
    /// <exception cref="InvalidRequestException">A value is empty, holds a NUL or contradicts another.</exception>
    /// <exception cref="OverLimitException">A value is larger than a limit allows.</exception>
    /// <exception cref="CheckpointNotFoundException">The named parent, or a checkpoint that it requires, is not there.</exception>
    /// <exception cref="HeadMismatchException">The head is not the expected one.</exception>
    /// <exception cref="RequestConflictException">The id was used before with another request.</exception>
    /// <exception cref="StateCorruptedException">A repeat, and what is remembered of the first attempt is damaged.</exception>
    [Alias("create")]
    Task<CreateResult> CreateAsync(NewCheckpoint checkpoint, CancellationToken cancellationToken = default);

    /// <summary>Creates a checkpoint as <see cref="CreateAsync"/> does, whose state is sent as the difference from that of another one.</summary>
    /// <param name="checkpoint">The checkpoint; as its state the bytes between those that the two have in common, which may be none.</param>
    /// <param name="difference">How the state differs.</param>
    /// <param name="cancellationToken">Gives up waiting; the checkpoint may have been taken all the same.</param>
    /// <exception cref="BaseUnknownException">The checkpoint that it differs from can't be used.</exception>
    /// <exception cref="StateMismatchException">What comes of it has another SHA-256 than the one given.</exception>
    /// <inheritdoc cref="CreateAsync"/>
    [Alias("create-by-difference")]
    Task<CreateResult> CreateByDifferenceAsync(
        NewCheckpoint checkpoint, StateDifference difference, CancellationToken cancellationToken = default);

    /// <summary>
    /// Creates checkpoints with consecutive sequences in one step: all or none. In a repeat of the whole batch each is
    /// answered as before; a batch of which some were created before and some not is a conflict.
    /// </summary>
    /// <exception cref="OverLimitException">More than 1,000 or 16 MiB of states (by default), or a value too large.</exception>
    /// <exception cref="InvalidRequestException">The batch is empty, an id comes twice in it, or a value is bad.</exception>
    /// <exception cref="CheckpointNotFoundException">A named parent, or a checkpoint that one requires, is not there.</exception>
    /// <exception cref="HeadMismatchException">The head is not the expected one.</exception>
    /// <exception cref="RequestConflictException">An id was used before with another request.</exception>
    /// <exception cref="StateCorruptedException">A repeat, and what is remembered of the first attempt is damaged.</exception>
    [Alias("create-batch")]
    Task<IReadOnlyList<CreateResult>> CreateBatchAsync(
        IReadOnlyList<NewCheckpoint> checkpoints, CancellationToken cancellationToken = default);

    /// <summary>
    /// Runs an operation, with what its input says of it. The creates have methods of their own, since most calls are
    /// creates; so has what streams.
    /// </summary>
    /// <typeparam name="TResult">What it is answered with.</typeparam>
    /// <param name="operation">The input.</param>
    /// <param name="cancellationToken">Gives up waiting; a change that was begun still ends.</param>
    [Alias("run")]
    Task<TResult> RunAsync<TResult>(Operation<TResult> operation, CancellationToken cancellationToken = default);

    /// <summary>
    /// Makes sure that the session's log contains an anchor, for calls that bring none themselves. It does if the log has that value at that
    /// position, and also if what was there went since, by a trim or with a life of the session, so that nothing can be said of it.
    /// </summary>
    /// <exception cref="HistoryRewrittenException">It does not.</exception>
    /// <exception cref="InvalidRequestException">The anchor has a bad position or value.</exception>
    [Alias("confirm")]
    Task ConfirmAsync(Anchor anchor, CancellationToken cancellationToken = default);

    /// <summary>
    /// Every event of the session's log after a position, then each as it happens: in order, each once, in batches as they come. A session
    /// that does not exist is waited for. The enumeration ends without an error when the activation ends or silos come or go, and with an
    /// <c>EnumerationAbortedException</c> if the activation is gone: begin again after the position of the last event, as the client library does.
    /// </summary>
    /// <remarks>
    /// Enumerate with a batch size of 1, since each item is a batch. Whoever is slow reads the log and holds up nobody; whoever asks for
    /// nothing for a minute is forgotten.
    /// </remarks>
    /// <param name="after">The position, from 0; null to begin with the oldest that is kept.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="LogPositionExpiredException">Events after the position are not kept any more.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted; what happened before was told if it was in reach.</exception>
    /// <exception cref="StateCorruptedException">Positions after it are missing that should be there.</exception>
    /// <exception cref="InvalidRequestException">The session has not got as far as the position, or it is negative.</exception>
    [Alias("watch")]
    IAsyncEnumerable<IReadOnlyList<LogEvent>> WatchAsync(long? after, CancellationToken cancellationToken = default);

    /// <summary>
    /// Has an observer told when a state of the session is due, for a minute from now: it is asked for again in less, so that it stands in
    /// whatever activation the session has then. A state that is due already, and that it was not told of, it is told of at once. The
    /// session need not exist.
    /// </summary>
    /// <exception cref="OverLimitException">The session has 100 other observers.</exception>
    [Alias("observe")]
    Task ObserveAsync(IAgentObserver observer, CancellationToken cancellationToken = default);

    /// <summary>Has an observer told no more; nothing if it is not known.</summary>
    [Alias("end-observation")]
    Task EndObservationAsync(IAgentObserver observer);

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

    /// <summary>
    /// The session as one NDJSON document, as it was at one instant, in pieces of at most 256 KiB. Ends with an
    /// <c>EnumerationAbortedException</c> if the activation goes away meanwhile: begin again.
    /// </summary>
    /// <exception cref="SessionNotFoundException">Nothing was ever saved in it.</exception>
    /// <exception cref="StateCorruptedException">A state is not what was saved; the document ends before it.</exception>
    /// <exception cref="OverLimitException">It was read more slowly than an export may take; the document ends there.</exception>
    [Alias("export")]
    IAsyncEnumerable<byte[]> ExportAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// As <see cref="ExportAsync"/>, without the checkpoints that are damaged, that stand on damaged ones, or whose rows are missing:
    /// the document's first line says how many that are and names them. Reads the session twice.
    /// </summary>
    /// <exception cref="SessionNotFoundException">Nothing was ever saved in it.</exception>
    /// <exception cref="OverLimitException">It was read more slowly than an export may take; the document ends there.</exception>
    [Alias("export-sound")]
    IAsyncEnumerable<byte[]> ExportSoundAsync(CancellationToken cancellationToken = default);

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

    /// <summary>Ends an import and forgets what was sent; nothing if it is not known.</summary>
    [Alias("abandon-import")]
    Task AbandonImportAsync(ImportTicket ticket);
}
