using Forge.Errors;
using Forge.Identity;

namespace Forge.Checkpoints;

/// <summary>
/// Differences from the checkpoints of one session, read from the database beside the session's own grain: nothing that the session does
/// waits for one. The key is that of the session's grain (<see cref="SessionAddress.ToGrainKey()"/>).
/// </summary>
[Alias("forge.difference")]
public interface IDifferenceGrain : IGrainWithStringKey
{
    /// <summary>
    /// What makes the state of one checkpoint of that of another. Two of one session are looked up at one instant, two of different
    /// sessions each at its own. A silo runs a bounded number of comparisons at once, and refuses what is more as busy.
    /// </summary>
    /// <param name="operation">Which checkpoints.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CheckpointNotFoundException">A checkpoint is not there; the error says of which session.</exception>
    /// <exception cref="SessionDeletedException">A session was deleted.</exception>
    /// <exception cref="StateCorruptedException">A state is not what was saved.</exception>
    /// <exception cref="OverLimitException">
    /// The patch is longer than <c>Forge:Limits:PatchBytes</c> allows, or it took longer than <c>Forge:Limits:DifferenceDuration</c>: the
    /// field is <c>patch</c> or <c>difference</c>.
    /// </exception>
    /// <exception cref="BusyException">As many comparisons run as may.</exception>
    [Alias("diff")]
    Task<CheckpointDifference> DiffAsync(DiffCheckpoints operation, CancellationToken cancellationToken = default);
}
