using Forge.Integrity;

namespace Forge.Sessions;

/// <summary>The answer to a compaction, true at the instant at which it took effect.</summary>
/// <param name="Deleted">How many checkpoints went (of a dry run: would go).</param>
/// <param name="Remaining">How many stay.</param>
/// <param name="FreedBytes">The stored bytes of the states that went.</param>
[GenerateSerializer, Immutable, Alias("forge.compact-result")]
public sealed record CompactResult(
    [property: Id(0)] long Deleted,
    [property: Id(1)] long Remaining,
    [property: Id(2)] long FreedBytes)
{
    /// <summary>The anchor that the compaction made; null if nothing was changed.</summary>
    [Id(3)]
    public Anchor? Anchor { get; init; }
}
