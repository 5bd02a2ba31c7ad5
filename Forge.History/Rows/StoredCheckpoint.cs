using Forge.Checkpoints;
using Forge.History.Deltas;
using Forge.Identity;

namespace Forge.History.Rows;

/// <summary>A checkpoint's row: what its columns hold.</summary>
internal sealed record StoredCheckpoint
{
    public required long Sequence { get; init; }

    public required CheckpointId Id { get; init; }

    /// <summary>UTC in whole microseconds, which is what both databases keep.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// The position of its created event in the session's log. Creates have no event row of their own. What was imported has
    /// positions before that of the import's event; 0 where it was imported before those were given.
    /// </summary>
    public required long Position { get; init; }

    /// <summary>The parent's sequence; 0 for none.</summary>
    public required long Parent { get; init; }

    /// <summary>The branch that it is on; null for main.</summary>
    public string? Branch { get; init; }

    /// <summary>The sequences that it requires, as <see cref="RequiredText"/> has them; null for none.</summary>
    public string? Requires { get; init; }

    public required string Message { get; init; }

    /// <summary>The tags as they are now.</summary>
    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>The tags it was created with, where they were changed since; null where <see cref="Tags"/> are the first.</summary>
    public IReadOnlyList<string>? FirstTags { get; init; }

    public required CheckpointTrigger Trigger { get; init; }

    public required string ContentType { get; init; }

    /// <summary>The length of the state as saved.</summary>
    public required int Size { get; init; }

    /// <summary>The SHA-256 of the state as saved, 32 bytes.</summary>
    public required byte[] Checksum { get; init; }

    /// <summary>How <see cref="Stored"/> is encoded, a value of <see cref="StateCodec"/>: 0, the plain bytes.</summary>
    public short Codec { get; init; }

    /// <summary>The sequence of the checkpoint that <see cref="Stored"/> is a difference from; null for none.</summary>
    public long? Base { get; init; }

    /// <summary>
    /// The sequence of the full copy that this row's group grew from; null for that copy itself, and where the row stands
    /// alone. A label that stays when the row is written anew as a full copy.
    /// </summary>
    public long? Group { get; init; }

    /// <summary>The length of <see cref="Stored"/>, also where that was not read.</summary>
    public required int StoredSize { get; init; }

    /// <summary>The encoded state; empty where a read did not ask for it. A write must not change it until it is done.</summary>
    public ReadOnlyMemory<byte> Stored { get; init; }

    /// <summary>True where children of it were compacted away, so that it is no tip of a branch though none is left.</summary>
    public bool Trunk { get; init; }

    /// <summary>True if it has nothing that few checkpoints have (<see cref="Sql.ColumnUse.Rare"/>).</summary>
    public bool IsPlain => Tags.Count == 0 && FirstTags is null && Branch is null && Requires is null;

    /// <summary>
    /// The chain value of its position: of its created event, or of its place in its import. Null where it was written before
    /// sessions were chained.
    /// </summary>
    public byte[]? Chain { get; init; }

    /// <summary>
    /// Where its create was in its caller's trace, as <see cref="Telemetry.CallTrace"/>; null if nobody traced it, and in every row that was
    /// read. Neither the chain nor the digests of a create cover it: a repeat comes in a trace of its own.
    /// </summary>
    public byte[]? Trace { get; init; }

    /// <summary>The row of a create, with its state as it was given and as yet without its chain value.</summary>
    /// <param name="input">What the caller gave, checked, with its id.</param>
    /// <param name="checksum">The SHA-256 of its state.</param>
    /// <param name="sequence">Its sequence.</param>
    /// <param name="createdAt">When it is created, in whole microseconds.</param>
    /// <param name="position">The position of its created event.</param>
    /// <param name="parent">The parent's sequence; 0 for none.</param>
    /// <param name="requires">What it requires, as <see cref="RequiredText"/>; null for nothing.</param>
    public static StoredCheckpoint Of(
        NewCheckpoint input, byte[] checksum, long sequence, DateTimeOffset createdAt, long position, long parent, string? requires) => new()
        {
            Sequence = sequence,
            Id = input.Id,
            CreatedAt = createdAt,
            Position = position,
            Parent = parent,
            Message = input.Message,
            Tags = input.Tags,
            Branch = input.Branch,
            Requires = requires,
            Trigger = input.Trigger,
            ContentType = input.ContentType,
            Size = input.State.Length,
            Checksum = checksum,
            StoredSize = input.State.Length,
            Stored = input.State,
        };

    /// <summary>What it says of itself; its parent, as if that were there still.</summary>
    public CheckpointSummary ToSummary() => new()
    {
        Id = Id,
        Sequence = Sequence,
        CreatedAt = CreatedAt,
        Parent = Parent,
        KeptParent = Parent,
        Branch = Branch ?? BranchNames.Main,
        Requires = RequiredText.Read(Requires),
        Message = Message,
        Tags = Tags,
        Trigger = Trigger,
        ContentType = ContentType,
        Size = Size,
        Checksum = Convert.ToHexStringLower(Checksum),
        Position = Position,
        Chain = Chain is null ? null : Convert.ToHexStringLower(Chain),
    };
}
