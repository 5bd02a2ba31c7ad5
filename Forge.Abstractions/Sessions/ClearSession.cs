using Forge.Errors;
using Forge.Integrity;
using Forge.Operations;

namespace Forge.Sessions;

/// <summary>
/// Removes all checkpoints of the session, on all branches, at one instant. The session lives on: its name, settings and claim stay, and
/// sequences and positions go on after those that were given. The next checkpoint is a root.
/// </summary>
/// <exception cref="SessionDeletedException">The session was deleted.</exception>
/// <exception cref="SessionNotFoundException">Nothing was ever saved in it.</exception>
[GenerateSerializer, Immutable, Alias("forge.clear-session")]
public sealed record ClearSession : Change<ClearResult>;

/// <summary>The answer to a clear.</summary>
/// <param name="Deleted">How many checkpoints went.</param>
/// <param name="Anchor">The anchor that it made; null if there was none to remove, and no request to remember: nothing was changed.</param>
[GenerateSerializer, Immutable, Alias("forge.clear-result")]
public sealed record ClearResult([property: Id(0)] long Deleted, [property: Id(1)] Anchor? Anchor = null);
