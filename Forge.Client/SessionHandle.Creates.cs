using System.Net.Mime;
using Forge.Checkpoints;
using Forge.Client.Retries;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Client;

public sealed partial class SessionHandle
{
    private static readonly CheckpointOptions Defaults = new();

    /// <summary>Saves a state as the session's next checkpoint.</summary>
    /// <param name="state">The state; is turned into bytes before the call returns its task.</param>
    /// <param name="message">What the agent says of it: not empty, at most 4 KiB of UTF-8 by default.</param>
    /// <param name="tags">Tags; null for none.</param>
    /// <param name="options">What else there is to say; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up waiting; the checkpoint may have been taken all the same.</param>
    /// <returns>
    /// What became of it: <see cref="CreateOutcome.Created"/>; <see cref="CreateOutcome.Repeated"/> if the caller's id or
    /// key was used before for the same request; <see cref="CreateOutcome.NotTaken"/>, without a checkpoint, if an
    /// automatic one was throttled.
    /// </returns>
    /// <exception cref="InvalidRequestException">A value is empty, holds a NUL or contradicts another.</exception>
    /// <exception cref="OverLimitException">A value is larger than a limit allows.</exception>
    /// <exception cref="CheckpointNotFoundException">The named parent, or a checkpoint that it requires, is not there.</exception>
    /// <exception cref="HeadMismatchException">The head is not the expected one.</exception>
    /// <exception cref="RequestConflictException">The id or key was used before with another request.</exception>
    /// <exception cref="StateCorruptedException">A repeat, and what is remembered of the first attempt is damaged.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    public Task<CreateResult> CheckpointAsync<T>(
        T state,
        string message,
        IReadOnlyList<string>? tags = null,
        CheckpointOptions? options = null,
        CancellationToken cancellationToken = default) =>
        CreateAsync(NewCheckpoint(state, message, tags, options), cancellationToken);

    /// <summary>Saves bytes, as they are, as the session's next checkpoint. They are copied before the call returns its task.</summary>
    /// <inheritdoc cref="CheckpointAsync{T}(T, string, IReadOnlyList{string}?, CheckpointOptions?, CancellationToken)"/>
    public Task<CreateResult> CheckpointAsync(
        ReadOnlyMemory<byte> state,
        string message,
        IReadOnlyList<string>? tags = null,
        CheckpointOptions? options = null,
        CancellationToken cancellationToken = default) =>
        CreateAsync(SharedState.CopyOf(state.Span), message, tags, options, cancellationToken);

    /// <summary>Saves bytes, as they are, as the session's next checkpoint. They are copied before the call returns its task.</summary>
    /// <inheritdoc cref="CheckpointAsync{T}(T, string, IReadOnlyList{string}?, CheckpointOptions?, CancellationToken)"/>
    public Task<CreateResult> CheckpointAsync(
        byte[] state,
        string message,
        IReadOnlyList<string>? tags = null,
        CheckpointOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        return CheckpointAsync((ReadOnlyMemory<byte>)state, message, tags, options, cancellationToken);
    }

    /// <summary>
    /// Saves checkpoints with consecutive sequences in one step: all or none. Those that have no id are given one; make them
    /// by <see cref="NewCheckpoint{T}(T, string, IReadOnlyList{string}?, CheckpointOptions?)"/>, or by hand if the state is bytes.
    /// What they hold is copied before the call returns its task.
    /// </summary>
    /// <exception cref="OverLimitException">More than 1,000 or 16 MiB of states (by default), or a value too large.</exception>
    /// <exception cref="InvalidRequestException">The batch is empty, an id comes twice in it, or a value is bad.</exception>
    /// <exception cref="CheckpointNotFoundException">A named parent, or a checkpoint that one requires, is not there.</exception>
    /// <exception cref="HeadMismatchException">The head is not the expected one.</exception>
    /// <exception cref="RequestConflictException">An id was used before with another request.</exception>
    /// <exception cref="StateCorruptedException">A repeat, and what is remembered of the first attempt is damaged.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    public async Task<IReadOnlyList<CreateResult>> CheckpointBatchAsync(
        IReadOnlyList<NewCheckpoint> checkpoints, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoints);
        var made = checkpoints.Select(HasNoId).ToArray();
        var first = checkpoints.Select(c => WithId(OnBranch(Copy(c)))).ToArray();
        var results = Noted(await _retrier.RunAsync(
            Changing,
            (attempt, token) => Grain.CreateBatchAsync(first.Select((c, i) => AsSent(c, attempt == 1, isFirstOfBatch: i == 0)).ToArray(), token),
            cancellationToken));
        return [.. results.Select((result, i) => AsOfThisCall(result, made[i]))];
    }

    /// <summary>A checkpoint for a batch, its state turned into bytes by the serializer of this handle.</summary>
    public NewCheckpoint NewCheckpoint<T>(
        T state, string message, IReadOnlyList<string>? tags = null, CheckpointOptions? options = null) =>
        Describe(_serializer.Serialize(state), _serializer.ContentType, message, tags, options);

    private static NewCheckpoint Describe(
        ReadOnlyMemory<byte> state, string contentType, string message, IReadOnlyList<string>? tags, CheckpointOptions? options)
    {
        ArgumentNullException.ThrowIfNull(message);
        return (options ?? Defaults).ToCheckpoint(state, contentType, message, tags);
    }

    /// <summary>
    /// A checkpoint that shares no memory with the caller's. A call that its caller has given up may still be under way, and in a
    /// silo of the same process nothing stands between it and this memory.
    /// </summary>
    private static NewCheckpoint Copy(NewCheckpoint given) => given with
    {
        State = given.State.ToArray(),
        Tags = given.Tags?.ToArray()!,
        Requires = given.Requires?.ToArray(),
        Writes = CopyOf(given.Writes),
    };

    private Task<CreateResult> CreateAsync(
        SharedState state, string message, IReadOnlyList<string>? tags, CheckpointOptions? options, CancellationToken cancellationToken) =>
        CreateAsync(Describe(state.Memory, MediaTypeNames.Application.Octet, message, tags, options), cancellationToken, state);

    /// <param name="checkpoint">What to create.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <param name="state">The copy that its state stands in, if it is one.</param>
    private async Task<CreateResult> CreateAsync(
        NewCheckpoint checkpoint, CancellationToken cancellationToken, SharedState? state = null)
    {
        var made = HasNoId(checkpoint);
        var first = WithId(OnBranch(checkpoint));
        var difference = DifferenceOf(first);
        var (attempts, isOver) = (0, false);
        CreateResult result;
        try
        {
            result = await _retrier.RunAsync(
                Changing,
                (attempt, token) => SendAsync(first, difference, (attempts = attempt) == 1, () => attempts == attempt && !isOver, token),
                cancellationToken);
        }
        finally
        {
            isOver = true;
        }

        // A silo is done with a state before it answers. When one is that was given up, nobody knows: its memory is not used again.
        Keep(result, first.State, attempts == 1 ? state : null, difference?.Hash);
        return Noted(AsOfThisCall(result, made));
    }

    /// <summary>
    /// A checkpoint on the branch of this handle, unless it names another. A silo that knows no branches would take it for one of main,
    /// and refuses it for the parent that it names.
    /// </summary>
    private NewCheckpoint OnBranch(NewCheckpoint checkpoint)
    {
        var branch = checkpoint.Branch ?? _branch;
        return branch is null or BranchNames.Main
            ? checkpoint
            : checkpoint with { Branch = branch, Parent = checkpoint.Parent ?? CheckpointReference.CurrentOf(branch) };
    }

    private static bool HasNoId(NewCheckpoint checkpoint) => checkpoint.Id.IsEmpty && checkpoint.IdempotencyKey is null;

    /// <summary>
    /// The attempt as it is sent. Only an id that is made here is known never to have been sent before; the caller's may have been, by another process
    /// too.
    /// </summary>
    private NewCheckpoint WithId(NewCheckpoint checkpoint) => HasNoId(checkpoint)
        ? checkpoint with
        {
            Id = CheckpointId.Create(_time.GetUtcNow()),
            FirstAttempt = true,
            Epoch = Epoch ?? checkpoint.Epoch,
        }
        : checkpoint with { FirstAttempt = false, Epoch = Epoch ?? checkpoint.Epoch };

    /// <summary>
    /// A create as an attempt at it is sent, with the newest anchor of now: another call may have been told more since the attempt before.
    /// </summary>
    private NewCheckpoint AsSent(NewCheckpoint checkpoint, bool isFirst, bool isFirstOfBatch = true) => checkpoint with
    {
        FirstAttempt = checkpoint.FirstAttempt && isFirst,
        Anchor = (isFirstOfBatch ? NewestAnchor : null) ?? checkpoint.Anchor,
    };

    /// <summary>A repeat of an id that was made for this call was created by this call, in an attempt whose answer was lost.</summary>
    private static CreateResult AsOfThisCall(CreateResult result, bool made) =>
        made && result.Outcome == CreateOutcome.Repeated ? result with { Outcome = CreateOutcome.Created } : result;
}
