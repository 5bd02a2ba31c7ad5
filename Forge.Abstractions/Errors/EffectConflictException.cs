using Forge.Identity;

namespace Forge.Errors;

/// <summary>The key of an effect was begun with another request, or as another class; nothing was changed.</summary>
[GenerateSerializer, Alias("forge.error.effect_conflict")]
public sealed class EffectConflictException : ForgeException
{
    /// <summary>Makes the error.</summary>
    /// <param name="session">The session.</param>
    /// <param name="key">The effect.</param>
    /// <param name="field">What differs: <c>request</c> or <c>class</c>.</param>
    public EffectConflictException(SessionAddress session, string key, string field)
        : base($"Effect {key} of session {session} was begun with another {field}.") =>
        (Session, Key, Field) = (session, key, field);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The effect.</summary>
    [Id(1)]
    public string Key { get; }

    /// <summary>What differs: <c>request</c> or <c>class</c>.</summary>
    [Id(2)]
    public string Field { get; }

    /// <inheritdoc/>
    public override string Code => "effect_conflict";
}
