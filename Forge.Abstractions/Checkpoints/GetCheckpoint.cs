using Forge.Errors;
using Forge.Operations;

namespace Forge.Checkpoints;

/// <summary>Asks for a checkpoint with its state and annotations; null if it is not there.</summary>
/// <param name="Checkpoint">Which one.</param>
/// <exception cref="StateCorruptedException">The state is not what was saved.</exception>
/// <exception cref="Forge.Errors.SessionDeletedException">The session was deleted.</exception>
[GenerateSerializer, Immutable, Alias("forge.get-checkpoint")]
public sealed record GetCheckpoint([property: Id(0)] CheckpointReference Checkpoint) : Operation<Checkpoint?>;
