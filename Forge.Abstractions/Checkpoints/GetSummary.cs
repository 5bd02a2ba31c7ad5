using Forge.Operations;

namespace Forge.Checkpoints;

/// <summary>Asks for a checkpoint without its state; null if it is not there.</summary>
/// <param name="Checkpoint">Which one.</param>
/// <exception cref="Forge.Errors.SessionDeletedException">The session was deleted.</exception>
[GenerateSerializer, Immutable, Alias("forge.get-summary")]
public sealed record GetSummary([property: Id(0)] CheckpointReference Checkpoint) : Operation<CheckpointSummary?>;
