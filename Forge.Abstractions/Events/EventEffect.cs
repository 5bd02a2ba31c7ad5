using Forge.Effects;

namespace Forge.Events;

/// <summary>What an event of an effect tells.</summary>
/// <param name="Key">The effect.</param>
/// <param name="Class">How it may be repeated.</param>
/// <param name="EffectEpoch">The run that it happened to.</param>
/// <param name="Verdict">What was said of the run; null if it was begun.</param>
/// <param name="By">Who resolved it; null if nobody did.</param>
/// <param name="Reason">Why it failed, or was resolved so; null if nobody said so.</param>
/// <param name="RequestSha256">The SHA-256 of the request in hexadecimal; null but of a begin.</param>
/// <param name="ResultSha256">The SHA-256 of the result in hexadecimal; null for none.</param>
[GenerateSerializer, Immutable, Alias("forge.event-effect")]
public sealed record EventEffect(
    [property: Id(0)] string Key,
    [property: Id(1)] EffectClass Class,
    [property: Id(2)] long EffectEpoch,
    [property: Id(3)] EffectVerdict? Verdict = null,
    [property: Id(4)] string? By = null,
    [property: Id(5)] string? Reason = null,
    [property: Id(6)] string? RequestSha256 = null,
    [property: Id(7)] string? ResultSha256 = null);
