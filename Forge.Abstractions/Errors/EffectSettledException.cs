using Forge.Effects;
using Forge.Identity;

namespace Forge.Errors;

/// <summary>
/// The effect stands so that the call cannot be made of it. A result that came along was not taken, and is kept as evidence.
/// </summary>
[GenerateSerializer, Alias("forge.error.effect_settled")]
public sealed class EffectSettledException : ForgeException
{
    /// <summary>Makes the error.</summary>
    public EffectSettledException(SessionAddress session, string key, long epoch, EffectStatus status)
        : base($"Effect {key} of session {session} is {status.ToName()} in its run {epoch}; this cannot be said of it.") =>
        (Session, Key, Epoch, Status) = (session, key, epoch, status);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The effect.</summary>
    [Id(1)]
    public string Key { get; }

    /// <summary>Its newest run.</summary>
    [Id(2)]
    public long Epoch { get; }

    /// <summary>How it stands.</summary>
    [Id(3)]
    public EffectStatus Status { get; }

    /// <inheritdoc/>
    public override string Code => "effect_settled";
}
