using Forge.Operations;

namespace Forge.Checkpoints;

/// <summary>
/// Deletes a checkpoint. If it was the head, the newest one left becomes the head; if it was current, its nearest ancestor that is
/// there becomes current, and nothing is if there is none. Its sequence is not given out again. False if it is not there. One that
/// others require is not deleted before these are: <see cref="Errors.CheckpointRequiredException"/>.
/// </summary>
/// <param name="Checkpoint">Which one.</param>
[GenerateSerializer, Immutable, Alias("forge.delete-checkpoint")]
public sealed record DeleteCheckpoint([property: Id(0)] CheckpointReference Checkpoint) : Change<bool>;
