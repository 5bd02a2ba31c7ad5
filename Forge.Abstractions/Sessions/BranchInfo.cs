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
    [property: Id(3)] long Count);
