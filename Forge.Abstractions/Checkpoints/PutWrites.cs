using Forge.Errors;
using Forge.Operations;

namespace Forge.Checkpoints;

/// <summary>
/// Puts pending writes under a checkpoint, in one step: all of them, as the mode of each says, or none. They are there for as long as the
/// checkpoint is, and nothing else of the session changes.
/// </summary>
/// <param name="Checkpoint">The checkpoint that the step began from.</param>
/// <param name="Writes">The writes: 1 to 1,000 by default, of at most 16 MiB together, no two with the same task and index.</param>
/// <exception cref="CheckpointNotFoundException">The checkpoint is not there.</exception>
/// <exception cref="InvalidRequestException">There are none, two have the same key, or a value is bad.</exception>
/// <exception cref="OverLimitException">
/// There are too many, one is too large, or the session would have more than it may (10,000 by default).
/// </exception>
[GenerateSerializer, Immutable, Alias("forge.put-writes")]
public sealed record PutWrites(
    [property: Id(0)] CheckpointReference Checkpoint,
    [property: Id(1)] IReadOnlyList<NewWrite> Writes) : Change<WritesResult>;
