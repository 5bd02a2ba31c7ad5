using Forge.Errors;
using Forge.Integrity;
using Forge.Operations;

namespace Forge.Sessions;

/// <summary>
/// Lets a deleted session live again, under its name and with nothing of what it was: no checkpoints, no settings, no claim, but with
/// sequences, positions and epochs that go on after those that were given. Nothing else does: what comes late for the session that was
/// deleted is refused until it is revived.
/// </summary>
/// <exception cref="SessionExistsException">The session lives.</exception>
/// <exception cref="SessionNotFoundException">Nothing was ever saved in it.</exception>
/// <exception cref="BusyException">Its rows are still being removed; try again.</exception>
[GenerateSerializer, Immutable, Alias("forge.revive-session")]
public sealed record ReviveSession : Change<ReviveResult>;

/// <summary>The answer to a revival.</summary>
/// <param name="Life">Which life of the name begins with it, from 2.</param>
/// <param name="LastSequence">The greatest sequence that was given before; the next is one more. 0 if it is not known any more.</param>
/// <param name="Anchor">The anchor that it made.</param>
[GenerateSerializer, Immutable, Alias("forge.revive-result")]
public sealed record ReviveResult(
    [property: Id(0)] int Life, [property: Id(1)] long LastSequence, [property: Id(2)] Anchor Anchor);
