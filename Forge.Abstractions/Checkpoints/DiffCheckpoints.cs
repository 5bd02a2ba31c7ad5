using Forge.Identity;
using Forge.Operations;

namespace Forge.Checkpoints;

/// <summary>
/// Asks what makes the state of one checkpoint of that of another: as a JSON Patch if both are JSON. The first is of the session that is
/// asked. The grain of differences takes it (<see cref="IDifferenceGrain"/>) and not that of the session, since it may run for seconds.
/// </summary>
/// <param name="From">The checkpoint that a patch is applied to.</param>
/// <param name="To">The checkpoint whose state it makes.</param>
/// <param name="Session">The session of <paramref name="To"/>, of the same tenant; null for the one that is asked.</param>
[GenerateSerializer, Immutable, Alias("forge.diff-checkpoints")]
public sealed record DiffCheckpoints(
    [property: Id(0)] CheckpointReference From,
    [property: Id(1)] CheckpointReference To,
    [property: Id(2)] SessionId? Session = null) : IOperation
{
    /// <inheritdoc/>
    public bool Changes => false;
}
