namespace Forge.Checkpoints;

/// <summary>A checkpoint with its state, which was checked against its SHA-256, and its annotations.</summary>
[GenerateSerializer, Immutable, Alias("forge.checkpoint")]
public sealed record Checkpoint
{
    /// <summary>Everything but the state.</summary>
    [Id(0)]
    public required CheckpointSummary Summary { get; init; }

    /// <summary>The saved bytes.</summary>
    [Id(1)]
    public required ReadOnlyMemory<byte> State { get; init; }

    /// <summary>The annotations, oldest first.</summary>
    [Id(2)]
    public IReadOnlyList<Annotation> Annotations { get; init; } = [];
}
