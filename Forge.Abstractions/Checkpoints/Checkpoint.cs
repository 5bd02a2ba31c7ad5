namespace Forge.Checkpoints;

/// <summary>A checkpoint with its state, which was checked against its SHA-256, and its annotations.</summary>
/// <remarks>
/// To a read that named a state that its caller has, the answer may be how the state differs from that one. The handles of the client library
/// make it whole before anybody sees it.
/// </remarks>
[GenerateSerializer, Immutable, Alias("forge.checkpoint")]
public sealed record Checkpoint
{
    /// <summary>Everything but the state.</summary>
    [Id(0)]
    public required CheckpointSummary Summary { get; init; }

    /// <summary>The saved bytes; with a <see cref="Difference"/>, those between what the two states have in common, which may be none.</summary>
    [Id(1)]
    public required ReadOnlyMemory<byte> State { get; init; }

    /// <summary>The annotations, oldest first.</summary>
    [Id(2)]
    public IReadOnlyList<Annotation> Annotations { get; init; } = [];

    /// <summary>How the state differs from one that the caller said it has; null if it came whole, as it does where nobody said so.</summary>
    [Id(3)]
    public StateDifference? Difference { get; init; }
}
