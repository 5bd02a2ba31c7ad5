using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Client;

/// <summary>What can be said of a checkpoint beyond its state, message and tags.</summary>
public sealed record CheckpointOptions
{
    /// <summary>Why it is taken; manual by default.</summary>
    public CheckpointTrigger Trigger { get; init; }

    /// <summary>
    /// An id of the caller's own. A call that is made again with it, by another process too, takes effect once. Empty by
    /// default: the client makes one.
    /// </summary>
    public CheckpointId Id { get; init; }

    /// <summary>A text to make the id from, 1 to 200 characters; null for none. Not together with <see cref="Id"/>.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The branch that it is on: 1 to 500 printable ASCII characters; null for that of the handle, which is main if it was not told another.</summary>
    public string? Branch { get; init; }

    /// <summary>
    /// The checkpoint it follows; null for the current one of its branch, and <see cref="CheckpointReference.None"/> for a root. In a
    /// batch it may be one before it in the same batch, by the <see cref="Id"/> that the caller gave that one.
    /// </summary>
    public CheckpointReference? Parent { get; init; }

    /// <summary>
    /// The checkpoints that it cannot do without, by id or sequence, of any branch; null for none, and at most 64 by default. They stay
    /// for as long as it does: no compaction takes them, and to delete one is refused (<see cref="CheckpointRequiredException"/>). In a
    /// batch it may be one before it in the same batch, by the <see cref="Id"/> that the caller gave that one.
    /// </summary>
    public IReadOnlyList<CheckpointReference>? Requires { get; init; }

    /// <summary>
    /// The sequence that the head of its branch must have for this to be taken, 0 for a branch without one; null for any. Another head
    /// is a <see cref="HeadMismatchException"/>.
    /// </summary>
    public long? ExpectedHead { get; init; }

    /// <summary>
    /// Pending writes to put in the same step, under <see cref="WritesUnder"/>: all is there, or nothing. Null for none; at most 1,000 by
    /// default. Their values are copied.
    /// </summary>
    public IReadOnlyList<NewWrite>? Writes { get; init; }

    /// <summary>The checkpoint that <see cref="Writes"/> are put under, by id or sequence; null for the parent of this one.</summary>
    public CheckpointReference? WritesUnder { get; init; }

    /// <summary>
    /// The media type of the state; null for that of the serializer, and <c>application/octet-stream</c> if the state is
    /// given as bytes.
    /// </summary>
    public string? ContentType { get; init; }

    /// <summary>The create of a state with these, which shares no lists with the caller.</summary>
    /// <param name="state">The state.</param>
    /// <param name="contentType">Its media type, if these name none.</param>
    /// <param name="message">The message.</param>
    /// <param name="tags">The tags; null for none.</param>
    internal NewCheckpoint ToCheckpoint(
        ReadOnlyMemory<byte> state, string contentType, string message, IReadOnlyList<string>? tags) => new()
        {
            Id = Id,
            IdempotencyKey = IdempotencyKey,
            Message = message,
            Tags = tags?.ToArray() ?? [],
            Trigger = Trigger,
            State = state,
            ContentType = ContentType ?? contentType,
            Branch = Branch,
            Parent = Parent,
            Requires = Requires?.ToArray(),
            ExpectedHead = ExpectedHead,
            Writes = SessionHandle.CopyOf(Writes),
            WritesUnder = WritesUnder,
        };
}
