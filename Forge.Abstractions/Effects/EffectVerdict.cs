namespace Forge.Effects;

/// <summary>What somebody found out of an effect of which it was not known how it ended.</summary>
public enum EffectVerdict
{
    /// <summary>It was done.</summary>
    Completed = 0,

    /// <summary>It was not done, and is not to be.</summary>
    Failed = 1,

    /// <summary>It may run again: it was not done, or doing it twice is accepted.</summary>
    Retry = 2,
}
