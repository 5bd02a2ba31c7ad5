namespace Forge.Effects;

/// <summary>What is known of an effect.</summary>
public enum EffectStatus
{
    /// <summary>Somebody runs it, and the lease holds.</summary>
    Running = 0,

    /// <summary>It was done, and its result is recorded.</summary>
    Completed = 1,

    /// <summary>It was not done: whoever ran it says that nothing happened at its target.</summary>
    Failed = 2,

    /// <summary>Whoever ran it let the lease run out: it may have been done or not.</summary>
    Unknown = 3,

    /// <summary>Somebody has resolved that it may run again, and nobody has begun it since.</summary>
    Retry = 4,
}
