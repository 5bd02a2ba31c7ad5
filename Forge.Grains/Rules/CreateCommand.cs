using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.Identity;

namespace Forge.Grains.Rules;

/// <summary>A create whose values were checked against the limits, with its id and the SHA-256 of its state.</summary>
internal sealed record CreateCommand
{
    public required CheckpointId Id { get; init; }

    /// <summary>False if an earlier attempt may have taken effect.</summary>
    public required bool FirstAttempt { get; init; }

    public required string Message { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public required CheckpointTrigger Trigger { get; init; }

    public required ReadOnlyMemory<byte> State { get; init; }

    public required byte[] Checksum { get; init; }

    public required string ContentType { get; init; }

    public CheckpointReference? Parent { get; init; }

    public long? ExpectedHead { get; init; }

    /// <summary>How this differs from the create that had its id; null if it is the same request.</summary>
    public string? DifferenceFrom(EarlierCreate earlier) =>
        CreateDigests.Of(Id, Checksum, Message, ContentType, Trigger, Tags).DifferenceFrom(earlier.Digests)
        ?? (Parent is { Sequence: > 0 } parent && parent.Sequence != earlier.Parent ? "parent" : null);

    /// <summary>What the first attempt was answered with.</summary>
    /// <param name="first">The first attempt, from which this does not differ.</param>
    public CheckpointSummary AnswerOf(EarlierCreate first) => new()
    {
        Id = Id,
        Sequence = first.Sequence,
        CreatedAt = first.CreatedAt,
        Parent = first.Parent,
        Message = Message,
        Tags = Tags,
        Trigger = Trigger,
        ContentType = ContentType,
        Size = State.Length,
        Checksum = Convert.ToHexStringLower(Checksum),
        Position = first.Position,
        Chain = first.Chain,
    };
}
