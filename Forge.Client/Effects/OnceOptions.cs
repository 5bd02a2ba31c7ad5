using Forge.Effects;

namespace Forge.Client.Effects;

/// <summary>How an act is run once.</summary>
public sealed record OnceOptions
{
    /// <summary>How it may be repeated; a write by default. Tokens are consumed by <see cref="SessionHandle.ConsumeAsync"/>.</summary>
    public EffectClass Class { get; init; } = EffectClass.Write;

    /// <summary>
    /// How long the act is left alone by others if nobody renews that; 30 seconds by default, 1 second to 1 hour (by default). It is renewed
    /// three times in that time while the act runs. Shorter: others learn sooner that it is not known how it ended. Longer: a silo may be away
    /// for longer without that.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The key for the target, recorded by the first begin; null to have one made (<see cref="EffectRun.TargetKey"/>).</summary>
    public string? TargetKey { get; init; }

    /// <summary>False to have the digest of the request kept alone; true by default, for requests of at most 16 KiB that are JSON.</summary>
    public bool KeepRequest { get; init; } = true;

    /// <summary>Who resolves, by a probe or by <see cref="RetryFailed"/>: 1 to 200 characters; <c>once</c> by default.</summary>
    public string By { get; init; } = "once";

    /// <summary>
    /// Asks the target what became of a run of which it is not known; null by default: then the call is refused until somebody resolves it.
    /// </summary>
    public Func<Effect, CancellationToken, Task<EffectProbe>>? Probe { get; init; }

    /// <summary>
    /// True for an exception of the act that says that nothing was done at the target: then it is recorded as failed. Nothing else is; whatever
    /// ends in another way becomes unknown when its lease is over. Null by default, for none.
    /// </summary>
    public Func<Exception, bool>? DidNothing { get; init; }

    /// <summary>True to run what is recorded as failed again, which is told in the log; false by default.</summary>
    public bool RetryFailed { get; init; }
}
