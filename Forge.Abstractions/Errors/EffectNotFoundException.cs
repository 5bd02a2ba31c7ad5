using Forge.Identity;

namespace Forge.Errors;

/// <summary>The session has no effect of that key.</summary>
[GenerateSerializer, Alias("forge.error.effect_not_found")]
public sealed class EffectNotFoundException : ForgeException
{
    /// <summary>Makes the error.</summary>
    public EffectNotFoundException(SessionAddress session, string key)
        : base($"Session {session} has no effect {key}.") => (Session, Key) = (session, key);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The effect.</summary>
    [Id(1)]
    public string Key { get; }

    /// <inheritdoc/>
    public override string Code => "effect_not_found";
}
