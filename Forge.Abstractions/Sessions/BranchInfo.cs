using Forge.Checkpoints;

namespace Forge.Sessions;

/// <summary>A branch of a session.</summary>
/// <param name="Branch">Its name.</param>
/// <param name="Head">Its newest checkpoint; null if it has none, as main may.</param>
/// <param name="Current">The parent of its next checkpoint that does not name another; null for none.</param>
/// <param name="Count">How many of its checkpoints there are.</param>
[GenerateSerializer, Immutable, Alias("forge.branch-info")]
public sealed record BranchInfo(
    [property: Id(0)] string Branch,
    [property: Id(1)] CheckpointPointer? Head,
    [property: Id(2)] CheckpointPointer? Current,
    [property: Id(3)] long Count)
{
    /// <summary>
    /// Its tips, the newest first, as many as were asked for: its checkpoints of which no other is a child, on any branch, and none was
    /// compacted away that was one. Null if they were not asked for.
    /// </summary>
    [Id(4)]
    public IReadOnlyList<CheckpointPointer>? Tips { get; init; }

    /// <summary>How many tips it has; null if they were not asked for.</summary>
    [Id(5)]
    public long? TipCount { get; init; }
}
