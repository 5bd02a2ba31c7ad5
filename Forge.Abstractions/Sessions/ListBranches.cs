using Forge.Checkpoints;
using Forge.Errors;
using Forge.Operations;

namespace Forge.Sessions;

/// <summary>
/// Asks for the branches of a session, at one instant: <see cref="BranchNames.Main"/> first, the others by their names, compared
/// ordinally. There are as many as the silo's limit allows (1,000 by default).
/// </summary>
/// <exception cref="InvalidRequestException">The number of tips is negative.</exception>
/// <exception cref="OverLimitException">It is above <see cref="MaxTips"/>.</exception>
/// <exception cref="BusyException">Tips are asked for, and the silo looks over as many sessions at once as it may.</exception>
/// <exception cref="SessionNotFoundException">Nothing was ever saved in it.</exception>
/// <exception cref="SessionDeletedException">The session was deleted.</exception>
[GenerateSerializer, Immutable, Alias("forge.list-branches")]
public sealed record ListBranches : Operation<IReadOnlyList<BranchInfo>>
{
    /// <summary>The most tips of a branch that can be asked for.</summary>
    public const int MaxTips = 100;

    /// <summary>
    /// How many tips of each branch are told, 0 to <see cref="MaxTips"/>; 0 by default, for none. With any the whole session is looked
    /// over, so that it takes the longer the more checkpoints there are.
    /// </summary>
    [Id(0)]
    public int Tips { get; init; }
}
