using Forge.Effects;
using Forge.Identity;

namespace Forge.Errors;

/// <summary>
/// Effects came later than the checkpoint that a restore or a fork goes to, not all of them were acknowledged, and it was to be refused then.
/// Nothing was changed.
/// </summary>
[GenerateSerializer, Alias("forge.error.effects_after")]
public sealed class EffectsAfterException : ForgeException
{
    /// <summary>Makes the error.</summary>
    /// <param name="session">The session that the effects are of.</param>
    /// <param name="unacknowledged">Those that were not acknowledged.</param>
    public EffectsAfterException(SessionAddress session, EffectsAfter unacknowledged)
        : base($"{unacknowledged?.Count} effects of session {session} came later than the checkpoint and were not acknowledged.") =>
        (Session, Unacknowledged) = (session, unacknowledged!);

    /// <summary>The session that the effects are of.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>Those that were not acknowledged.</summary>
    [Id(1)]
    public EffectsAfter Unacknowledged { get; }

    /// <inheritdoc/>
    public override string Code => "effects_after";
}
