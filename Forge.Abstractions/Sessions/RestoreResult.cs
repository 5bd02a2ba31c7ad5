using Forge.Checkpoints;
using Forge.Effects;
using Forge.Integrity;

namespace Forge.Sessions;

/// <summary>The answer to a restore.</summary>
/// <param name="Checkpoint">
/// What was restored, with its state; it is current now, and of a dry run would be. Null in the answer to a repeat if it was removed since.
/// </param>
/// <param name="Undo">
/// What was current before, which is what was saved in the same step if anything was; null if nothing was. Restoring it takes the restore
/// back.
/// </param>
[GenerateSerializer, Immutable, Alias("forge.restore-result")]
public sealed record RestoreResult(
    [property: Id(0)] Checkpoint? Checkpoint,
    [property: Id(1)] CheckpointPointer? Undo)
{
    /// <summary>The anchor that the restore made; null from a silo of an earlier version, and of a dry run.</summary>
    [Id(2)]
    public Anchor? Anchor { get; init; }

    /// <summary>The checkpoint that was saved in the same step; null if nothing was to be, and in the answer to a repeat if it was removed since.</summary>
    [Id(3)]
    public CheckpointSummary? Saved { get; init; }

    /// <summary>The effects of the session that were begun since the checkpoint was there.</summary>
    [Id(4)]
    public EffectsAfter EffectsAfter { get; init; } = EffectsAfter.None;
}
