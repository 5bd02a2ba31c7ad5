using Forge.Checkpoints;
using Forge.Effects;
using Forge.Identity;
using Forge.Integrity;

namespace Forge.Sessions;

/// <summary>The answer to a fork.</summary>
[GenerateSerializer, Immutable, Alias("forge.fork-result")]
public sealed record ForkResult
{
    /// <summary>The session that was made; of a dry run: that would be.</summary>
    [Id(0)]
    public required SessionId Session { get; init; }

    /// <summary>The checkpoint that it begins from.</summary>
    [Id(1)]
    public required SessionOrigin Origin { get; init; }

    /// <summary>The newest checkpoint of the new session; null of a dry run.</summary>
    [Id(2)]
    public CheckpointPointer? Head { get; init; }

    /// <summary>How many checkpoints it has: 1, or with history those on the way from the root.</summary>
    [Id(3)]
    public required long Count { get; init; }

    /// <summary>The sum of the sizes of their states as saved, in bytes.</summary>
    [Id(4)]
    public required long Bytes { get; init; }

    /// <summary>
    /// With history the bytes that their states take in the store; of a dry run, in the origin. Null without history: the one state is
    /// stored as that of any first checkpoint.
    /// </summary>
    [Id(5)]
    public long? StoredBytes { get; init; }

    /// <summary>The anchor of the new session that the fork made; null of a dry run.</summary>
    [Id(6)]
    public Anchor? Anchor { get; init; }

    /// <summary>The effects of the origin that were begun since the checkpoint was there. The fork has none of them but the tokens.</summary>
    [Id(7)]
    public EffectsAfter EffectsAfter { get; init; } = EffectsAfter.None;
}
