using Forge.Errors;
using Forge.Identity;
using Forge.Operations;

namespace Forge.Checkpoints;

/// <summary>
/// Asks what makes the state of one checkpoint of that of another: as a JSON Patch if both are JSON. The first is of the session that is
/// asked. A silo runs a bounded number of comparisons at once, and refuses what is more as busy.
/// </summary>
/// <param name="From">The checkpoint that a patch is applied to.</param>
/// <param name="To">The checkpoint whose state it makes.</param>
/// <param name="Session">The session of <paramref name="To"/>, of the same tenant; null for the one that is asked.</param>
/// <exception cref="CheckpointNotFoundException">A checkpoint is not there; the error says of which session.</exception>
/// <exception cref="SessionDeletedException">A session was deleted.</exception>
/// <exception cref="StateCorruptedException">A state is not what was saved.</exception>
/// <exception cref="OverLimitException">The patch is longer than <c>Forge:Limits:PatchBytes</c> allows.</exception>
/// <exception cref="BusyException">As many comparisons run as may.</exception>
[GenerateSerializer, Immutable, Alias("forge.diff-checkpoints")]
public sealed record DiffCheckpoints(
    [property: Id(0)] CheckpointReference From,
    [property: Id(1)] CheckpointReference To,
    [property: Id(2)] SessionId? Session = null) : Operation<CheckpointDifference>;
