using Forge.Checkpoints;
using Forge.Identity;

namespace Forge.Documents.Sessions;

/// <summary>A checkpoint as a line of a document has it.</summary>
internal sealed record DocumentCheckpoint
{
    public required long Sequence { get; init; }

    public required CheckpointId Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The parent's sequence; 0 for none.</summary>
    public required long Parent { get; init; }

    public required string Message { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    /// <summary>The tags it was created with; null if <see cref="Tags"/> are the first.</summary>
    public IReadOnlyList<string>? FirstTags { get; init; }

    public required CheckpointTrigger Trigger { get; init; }

    public required string ContentType { get; init; }

    /// <summary>The length of the state, as the document says. Whoever takes the state in holds the two against each other.</summary>
    public required long Size { get; init; }

    /// <summary>The SHA-256 of the state in lower-case hexadecimal digits, as the document says; to be held against it too.</summary>
    public required string Checksum { get; init; }

    /// <summary>True if children of it were compacted away, so that it is no tip of a branch though none is left.</summary>
    public bool Trunk { get; init; }

    /// <summary>The annotations, oldest first.</summary>
    public IReadOnlyList<Annotation> Annotations { get; init; } = [];

    /// <summary>The state, the very bytes.</summary>
    public required ReadOnlyMemory<byte> State { get; init; }
}
