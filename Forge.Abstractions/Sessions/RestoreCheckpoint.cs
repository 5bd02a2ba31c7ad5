using Forge.Checkpoints;
using Forge.Errors;
using Forge.Operations;

namespace Forge.Sessions;

/// <summary>Makes a checkpoint the current one of a branch, records that, and answers it with its state.</summary>
/// <param name="Checkpoint">Which one; it may be of any branch.</param>
/// <param name="Branch">The branch whose next checkpoint follows it; null for <see cref="BranchNames.Main"/>.</param>
/// <param name="Save">
/// What to save first, in the same step, as the newest checkpoint of the branch: a child of its current one. Null for nothing.
/// </param>
/// <param name="DryRun">True to be told what would be current and what is, with nothing changed or saved; it is not remembered.</param>
/// <exception cref="CheckpointNotFoundException">It is not there.</exception>
/// <exception cref="BranchNotFoundException">There is no such branch.</exception>
/// <exception cref="StateCorruptedException">The state is not what was saved; nothing was changed.</exception>
[GenerateSerializer, Immutable, Alias("forge.restore-checkpoint")]
public sealed record RestoreCheckpoint(
    [property: Id(0)] CheckpointReference Checkpoint, [property: Id(1)] string? Branch = null,
    [property: Id(2)] PresentState? Save = null, [property: Id(3)] bool DryRun = false) : Change<RestoreResult>;
