using Forge.Errors;
using Forge.Operations;

namespace Forge.Checkpoints;

/// <summary>Replaces the tags of a checkpoint and answers it as it is then.</summary>
/// <param name="Checkpoint">Which one.</param>
/// <param name="Tags">All the tags that it is to have; repeats are dropped.</param>
/// <exception cref="CheckpointNotFoundException">It is not there.</exception>
/// <exception cref="InvalidRequestException">A tag is empty or holds a NUL.</exception>
/// <exception cref="OverLimitException">There are too many tags, or one is too long.</exception>
[GenerateSerializer, Immutable, Alias("forge.set-tags")]
public sealed record SetTags(
    [property: Id(0)] CheckpointReference Checkpoint,
    [property: Id(1)] IReadOnlyList<string> Tags) : Change<CheckpointSummary>;
