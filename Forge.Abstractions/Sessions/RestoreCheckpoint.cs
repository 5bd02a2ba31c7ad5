using Forge.Checkpoints;
using Forge.Effects;
using Forge.Errors;
using Forge.Operations;

namespace Forge.Sessions;

/// <summary>Makes a checkpoint the current one of a branch, records that, and answers it with its state.</summary>
/// <param name="Checkpoint">Which one; it may be of any branch.</param>
/// <param name="Branch">The branch whose next checkpoint follows it; null for <see cref="BranchNames.Main"/>.</param>
/// <param name="Save">
/// What to save first, in the same step, as the newest checkpoint of the branch: a child of its current one. Null for nothing.
/// </param>
/// <param name="DryRun">True to be told what would be current and what is, with nothing changed or saved; it is not remembered.</param>
/// <exception cref="CheckpointNotFoundException">It is not there.</exception>
/// <exception cref="BranchNotFoundException">There is no such branch.</exception>
/// <exception cref="StateCorruptedException">The state is not what was saved; nothing was changed.</exception>
/// <exception cref="EffectsAfterException">It was to be refused for effects that came later, and not each of them is acknowledged.</exception>
[GenerateSerializer, Immutable, Alias("forge.restore-checkpoint")]
public sealed record RestoreCheckpoint(
    [property: Id(0)] CheckpointReference Checkpoint, [property: Id(1)] string? Branch = null,
    [property: Id(2)] PresentState? Save = null, [property: Id(3)] bool DryRun = false) : Change<RestoreResult>
{
    /// <summary>What to do about effects that were begun since the checkpoint was there.</summary>
    [Id(4)]
    public EffectsRule Effects { get; init; }

    /// <summary>The keys of effects that were begun since, and that it is to be made in spite of: at most 10,000.</summary>
    [Id(5)]
    public IReadOnlyList<string> Acknowledge { get; init; } = [];

    /// <summary>
    /// A checkpoint whose state the caller has, as <see cref="GetCheckpoint.Have"/> says. How the state is answered is no part of what a repeat
    /// must have the same.
    /// </summary>
    [Id(6)]
    public CheckpointReference? Have { get; init; }
}
