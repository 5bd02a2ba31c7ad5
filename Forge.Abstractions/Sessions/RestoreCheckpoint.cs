using Forge.Checkpoints;
using Forge.Errors;
using Forge.Operations;

namespace Forge.Sessions;

/// <summary>Makes a checkpoint current, records that, and answers it with its state.</summary>
/// <param name="Checkpoint">Which one.</param>
/// <exception cref="CheckpointNotFoundException">It is not there.</exception>
/// <exception cref="StateCorruptedException">The state is not what was saved; nothing was changed.</exception>
[GenerateSerializer, Immutable, Alias("forge.restore-checkpoint")]
public sealed record RestoreCheckpoint([property: Id(0)] CheckpointReference Checkpoint) : Change<RestoreResult>;
