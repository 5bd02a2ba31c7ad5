using Forge.Checkpoints;
using Forge.Errors;
using Forge.Operations;

namespace Forge.Sessions;

/// <summary>
/// Asks for the branches of a session, at one instant: <see cref="BranchNames.Main"/> first, the others by their names, compared
/// ordinally. There are as many as the silo's limit allows (1,000 by default).
/// </summary>
/// <exception cref="SessionNotFoundException">Nothing was ever saved in it.</exception>
/// <exception cref="SessionDeletedException">The session was deleted.</exception>
[GenerateSerializer, Immutable, Alias("forge.list-branches")]
public sealed record ListBranches : Operation<IReadOnlyList<BranchInfo>>;
