namespace Forge.Effects;

/// <summary>What is known of an effect, without its request and result.</summary>
/// <param name="Key">The key that it is run under, in its session.</param>
/// <param name="Class">How it may be repeated.</param>
/// <param name="Status">What is known of it, by the clock of the silo that was asked.</param>
/// <param name="EffectEpoch">
/// The number of its newest run, which rises with each begin: from 1, or from a greater one if the key may have had runs that are forgotten.
/// Whoever began it last has this one.
/// </param>
/// <param name="After">The greatest sequence that the session had given out when it was last begun; 0 for none.</param>
/// <param name="BegunAt">When it was last begun, UTC.</param>
/// <param name="Until">When the lease of whoever runs it ends or ended, UTC; null if nobody does.</param>
/// <param name="ChangedAt">When it was last begun, settled or resolved, UTC: what its age is counted from.</param>
[GenerateSerializer, Immutable, Alias("forge.effect-summary")]
public sealed record EffectSummary(
    [property: Id(0)] string Key,
    [property: Id(1)] EffectClass Class,
    [property: Id(2)] EffectStatus Status,
    [property: Id(3)] long EffectEpoch,
    [property: Id(4)] long After,
    [property: Id(5)] DateTimeOffset BegunAt,
    [property: Id(6)] DateTimeOffset? Until,
    [property: Id(7)] DateTimeOffset ChangedAt);
