using Forge.Identity;

namespace Forge.Errors;

/// <summary>What the database holds for an effect is not what was written. Nothing is decided by it; every other effect stays readable.</summary>
[GenerateSerializer, Alias("forge.error.effect_damaged")]
public sealed class EffectDamagedException : ForgeException
{
    /// <summary>Makes the error for one damaged row.</summary>
    public EffectDamagedException(SessionAddress session, string key, string problem, Exception? innerException = null)
        : base($"Effect {key} of session {session} is damaged: {problem}.", innerException) =>
        (Session, Key, Problem) = (session, key, problem);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The effect, as its row names it.</summary>
    [Id(1)]
    public string Key { get; }

    /// <summary>What does not fit.</summary>
    [Id(2)]
    public string Problem { get; }

    /// <inheritdoc/>
    public override string Code => "effect_damaged";
}
