using Forge.Effects;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Client.Effects;

/// <summary>
/// The effect was not run: somebody else runs it, it has failed, or it is not known how its last run ended and nobody has resolved that. Made
/// by the client; a begin answers the same as a result.
/// </summary>
[GenerateSerializer, Alias("forge.error.effect_blocked")]
public sealed class EffectBlockedException : ForgeException
{
    /// <summary>Makes the error for an effect as it stands.</summary>
    public EffectBlockedException(SessionAddress session, Effect effect, string reason, Exception? innerException = null)
        : base(
            $"Effect {effect?.Summary.Key} of session {session} was not run: it is {effect?.Summary.Status.ToName()} in its run {effect?.Summary.EffectEpoch}{reason}.",
            innerException) => (Session, Effect) = (session, effect!);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>What is known of it.</summary>
    [Id(1)]
    public Effect Effect { get; }

    /// <summary>How it stands.</summary>
    public EffectStatus Status => Effect.Summary.Status;

    /// <inheritdoc/>
    public override string Code => "effect_blocked";
}
