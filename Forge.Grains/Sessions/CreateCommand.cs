using Forge.Checkpoints;
using Forge.Identity;

namespace Forge.Grains.Sessions;

/// <summary>A create whose values were checked against the limits, with its id and the SHA-256 of its state.</summary>
internal sealed record CreateCommand
{
    public required CheckpointId Id { get; init; }

    /// <summary>False where an earlier attempt may have taken effect.</summary>
    public required bool FirstAttempt { get; init; }

    public required string Message { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public required CheckpointTrigger Trigger { get; init; }

    public required ReadOnlyMemory<byte> State { get; init; }

    public required byte[] Checksum { get; init; }

    public required string ContentType { get; init; }

    public CheckpointReference? Parent { get; init; }

    public long? ExpectedHead { get; init; }

    /// <summary>How this differs from the checkpoint that has its id; null where it is the same request.</summary>
    /// <param name="earlier">The checkpoint as it was created: with its first tags.</param>
    public string? DifferenceFrom(CheckpointSummary earlier) =>
        earlier.Checksum != Convert.ToHexStringLower(Checksum) ? "state"
        : earlier.Message != Message ? "message"
        : earlier.ContentType != ContentType ? "contentType"
        : earlier.Trigger != Trigger ? "trigger"
        : !earlier.Tags.SequenceEqual(Tags, StringComparer.Ordinal) ? "tags"
        : Parent is { Sequence: > 0 } parent && parent.Sequence != earlier.Parent ? "parent"
        : null;
}
