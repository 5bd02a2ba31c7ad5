using Forge.Checkpoints;

namespace Forge.Documents.Sessions;

/// <summary>A checkpoint as a line of a document has it.</summary>
internal sealed record DocumentCheckpoint
{
    /// <summary>
    /// What it is. Its size and checksum are those that the document says: whoever takes the state in holds them against it. A
    /// line has no positions and chain values, nor has this.
    /// </summary>
    public required CheckpointSummary Summary { get; init; }

    /// <summary>The tags it was created with; null if those of the summary are the first.</summary>
    public IReadOnlyList<string>? FirstTags { get; init; }

    /// <summary>True if children of it were compacted away, so that it is no tip of a branch though none is left.</summary>
    public bool Trunk { get; init; }

    /// <summary>The annotations, oldest first.</summary>
    public IReadOnlyList<Annotation> Annotations { get; init; } = [];

    /// <summary>The state, the very bytes.</summary>
    public required ReadOnlyMemory<byte> State { get; init; }
}
