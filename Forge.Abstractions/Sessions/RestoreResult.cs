using Forge.Checkpoints;
using Forge.Integrity;

namespace Forge.Sessions;

/// <summary>The answer to a restore.</summary>
/// <param name="Checkpoint">
/// What was restored, with its state; it is current now. Null in the answer to a repeat if it was removed since.
/// </param>
/// <param name="Undo">What was current before; null if nothing was. Restoring it takes the restore back.</param>
[GenerateSerializer, Immutable, Alias("forge.restore-result")]
public sealed record RestoreResult(
    [property: Id(0)] Checkpoint? Checkpoint,
    [property: Id(1)] CheckpointPointer? Undo)
{
    /// <summary>The anchor that the restore made; null from a silo of an earlier version.</summary>
    [Id(2)]
    public Anchor? Anchor { get; init; }
}
