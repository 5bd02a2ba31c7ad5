using Forge.Effects;
using Forge.Identity;

namespace Forge.Errors;

/// <summary>
/// The effect was begun again since the run that was spoken of. A result that came along was not taken, and is kept as evidence.
/// </summary>
[GenerateSerializer, Alias("forge.error.effect_superseded")]
public sealed class EffectSupersededException : ForgeException
{
    /// <summary>Makes the error for a call about the run <paramref name="given"/>.</summary>
    public EffectSupersededException(SessionAddress session, string key, long given, long epoch, EffectStatus status)
        : base($"Run {given} of effect {key} of session {session} is not its newest: that is {epoch}, and {status.ToName()}.") =>
        (Session, Key, Given, Epoch, Status) = (session, key, given, epoch, status);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The effect.</summary>
    [Id(1)]
    public string Key { get; }

    /// <summary>The run that was spoken of.</summary>
    [Id(2)]
    public long Given { get; }

    /// <summary>The newest run.</summary>
    [Id(3)]
    public long Epoch { get; }

    /// <summary>How the effect stands.</summary>
    [Id(4)]
    public EffectStatus Status { get; }

    /// <inheritdoc/>
    public override string Code => "effect_superseded";
}
