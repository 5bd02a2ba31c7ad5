using Forge.Checkpoints;
using Forge.Errors;
using Forge.Operations;

namespace Forge.Sessions;

/// <summary>Makes a checkpoint the current one of a branch, records that, and answers it with its state.</summary>
/// <param name="Checkpoint">Which one; it may be of any branch.</param>
/// <param name="Branch">The branch whose next checkpoint follows it; null for <see cref="BranchNames.Main"/>.</param>
/// <exception cref="CheckpointNotFoundException">It is not there.</exception>
/// <exception cref="BranchNotFoundException">There is no such branch.</exception>
/// <exception cref="StateCorruptedException">The state is not what was saved; nothing was changed.</exception>
[GenerateSerializer, Immutable, Alias("forge.restore-checkpoint")]
public sealed record RestoreCheckpoint(
    [property: Id(0)] CheckpointReference Checkpoint, [property: Id(1)] string? Branch = null) : Change<RestoreResult>;
