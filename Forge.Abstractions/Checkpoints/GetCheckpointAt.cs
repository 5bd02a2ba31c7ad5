using Forge.Errors;
using Forge.Operations;

namespace Forge.Checkpoints;

/// <summary>
/// Asks for the newest checkpoint of a branch that was created at a time or before it, of those that are there now; null for none.
/// </summary>
/// <param name="Time">The time.</param>
/// <param name="Branch">The branch; null for <see cref="BranchNames.Main"/>.</param>
/// <exception cref="InvalidRequestException">The branch is not the name of one.</exception>
[GenerateSerializer, Immutable, Alias("forge.get-checkpoint-at")]
public sealed record GetCheckpointAt(
    [property: Id(0)] DateTimeOffset Time, [property: Id(1)] string? Branch = null) : Operation<CheckpointSummary?>;
