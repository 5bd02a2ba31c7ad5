using Forge.Checkpoints;
using Forge.Effects;

namespace Forge.Client;

/// <summary>A checkpoint whose state was checked against its SHA-256 and read as a <typeparamref name="T"/>.</summary>
/// <param name="Summary">Everything but state and annotations.</param>
/// <param name="State">The state; null if the saved one was.</param>
/// <param name="Annotations">The annotations, oldest first.</param>
public sealed record Checkpoint<T>(CheckpointSummary Summary, T State, IReadOnlyList<Annotation> Annotations);

/// <summary>The answer to a restore whose state was read as a <typeparamref name="T"/>.</summary>
/// <param name="Checkpoint">What was restored; it is current now. Null in the answer to a repeat if it was removed since.</param>
/// <param name="Undo">What was current before; null if nothing was. Restoring it takes the restore back.</param>
public sealed record RestoreResult<T>(Checkpoint<T>? Checkpoint, CheckpointPointer? Undo)
{
    /// <summary>The effects of the session that were begun since the checkpoint was there.</summary>
    public EffectsAfter EffectsAfter { get; init; } = EffectsAfter.None;
}
