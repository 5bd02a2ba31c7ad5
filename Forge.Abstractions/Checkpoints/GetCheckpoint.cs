using Forge.Errors;
using Forge.Operations;

namespace Forge.Checkpoints;

/// <summary>Asks for a checkpoint with its state and annotations; null if it is not there.</summary>
/// <param name="Checkpoint">Which one.</param>
/// <exception cref="InvalidRequestException">What the caller has is named neither by its id nor by its sequence.</exception>
/// <exception cref="StateCorruptedException">The state is not what was saved.</exception>
/// <exception cref="Forge.Errors.SessionDeletedException">The session was deleted.</exception>
[GenerateSerializer, Immutable, Alias("forge.get-checkpoint")]
public sealed record GetCheckpoint([property: Id(0)] CheckpointReference Checkpoint) : Operation<Checkpoint?>
{
    /// <summary>
    /// A checkpoint of the session, by its id or sequence, whose state the caller has: the state may come as the difference from that one
    /// (<see cref="Forge.Checkpoints.Checkpoint.Difference"/>), if that spares half of it. If the checkpoint can't be used for that, the state
    /// comes whole. Null, by default, to have it whole.
    /// </summary>
    [Id(1)]
    public CheckpointReference? Have { get; init; }
}
