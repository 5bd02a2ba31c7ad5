using Forge.Effects;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Client.Effects;

/// <summary>
/// The act was run and came to its end, and that could not be recorded: the database was away for too long, or the result is too large or
/// cannot be written. It was done. It becomes unknown when its lease is over, unless its result is recorded before
/// (<see cref="SessionHandle.CompleteEffectAsync"/>) or somebody resolves it.
/// </summary>
[GenerateSerializer, Alias("forge.error.effect_not_recorded")]
public sealed class EffectNotRecordedException : ForgeException
{
    /// <summary>Makes the error for the run of an effect.</summary>
    public EffectNotRecordedException(SessionAddress session, Effect effect, object? result, Exception innerException)
        : base(
            $"Effect {effect?.Summary.Key} of session {session} was done in its run {effect?.Summary.EffectEpoch}, and that could not be recorded: {innerException?.Message}",
            innerException) => (Session, Effect, Result) = (session, effect!, result);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>What was known of it when it began.</summary>
    [Id(1)]
    public Effect Effect { get; }

    /// <summary>What the act answered. Stays in the process that ran it.</summary>
    [field: NonSerialized]
    public object? Result { get; }

    /// <inheritdoc/>
    public override string Code => "effect_not_recorded";
}
