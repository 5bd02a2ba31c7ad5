using Forge.Identity;

namespace Forge.Checkpoints;

/// <summary>A checkpoint by both of its names.</summary>
/// <param name="Sequence">Its sequence, from 1.</param>
/// <param name="Id">Its id.</param>
[GenerateSerializer, Immutable, Alias("forge.checkpoint-pointer")]
public readonly record struct CheckpointPointer([property: Id(0)] long Sequence, [property: Id(1)] CheckpointId Id);
