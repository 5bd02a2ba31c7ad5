using Forge.Errors;
using Forge.Operations;

namespace Forge.Effects;

/// <summary>
/// Lets the lease of a run begin anew. It is no event of the session's log. A lease that ran out is renewed too, if nobody has begun or
/// resolved the effect since.
/// </summary>
/// <param name="Key">The effect.</param>
/// <param name="EffectEpoch">The run.</param>
/// <param name="Lease">How long from now: 1 second to 1 hour (by default).</param>
/// <exception cref="EffectNotFoundException">There is none.</exception>
/// <exception cref="EffectSupersededException">It was begun again since.</exception>
/// <exception cref="EffectSettledException">The run is over.</exception>
[GenerateSerializer, Immutable, Alias("forge.renew-effect")]
public sealed record RenewEffect(
    [property: Id(0)] string Key, [property: Id(1)] long EffectEpoch, [property: Id(2)] TimeSpan Lease) : Change<EffectSummary>;

/// <summary>
/// Records that a run was done, with its result. It is taken late too, if nobody has begun or settled the effect since. One that is refused
/// is kept as evidence.
/// </summary>
/// <param name="Key">The effect.</param>
/// <param name="EffectEpoch">The run.</param>
/// <param name="Result">The result, at most 64 KiB; may be empty.</param>
/// <param name="ContentType">The media type of the result; <c>application/json</c> by default.</param>
/// <exception cref="EffectNotFoundException">There is none.</exception>
/// <exception cref="EffectSupersededException">It was begun again since; what came is kept as evidence.</exception>
/// <exception cref="EffectSettledException">It was settled otherwise; what came is kept as evidence.</exception>
[GenerateSerializer, Immutable, Alias("forge.complete-effect")]
public sealed record CompleteEffect(
    [property: Id(0)] string Key,
    [property: Id(1)] long EffectEpoch,
    [property: Id(2)] ReadOnlyMemory<byte> Result,
    [property: Id(3)] string ContentType = "application/json") : Change<Effect>;

/// <summary>Records that a run did nothing at its target. Taken and refused as <see cref="CompleteEffect"/> is.</summary>
/// <param name="Key">The effect.</param>
/// <param name="EffectEpoch">The run.</param>
/// <param name="Reason">Why: 1 byte to 1 KiB of UTF-8.</param>
/// <exception cref="EffectNotFoundException">There is none.</exception>
/// <exception cref="EffectSupersededException">It was begun again since; what came is kept as evidence.</exception>
/// <exception cref="EffectSettledException">It was settled otherwise; what came is kept as evidence.</exception>
[GenerateSerializer, Immutable, Alias("forge.fail-effect")]
public sealed record FailEffect(
    [property: Id(0)] string Key, [property: Id(1)] long EffectEpoch, [property: Id(2)] string Reason) : Change<Effect>;

/// <summary>
/// Says what became of a run of which it is not known, or lets one that failed run again. Who said so and why is told in the log, and kept
/// as evidence over later runs.
/// </summary>
/// <param name="Key">The effect.</param>
/// <param name="EffectEpoch">The run that it is about, so that it never meets a later one.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="By">Who says so: 1 to 200 characters.</param>
/// <param name="Why">Why: 1 byte to 1 KiB of UTF-8.</param>
/// <param name="Result">The result, if it was done; at most 64 KiB.</param>
/// <param name="ContentType">The media type of the result.</param>
/// <exception cref="EffectNotFoundException">There is none.</exception>
/// <exception cref="EffectSupersededException">It was begun again since that run.</exception>
/// <exception cref="EffectSettledException">It is running, completed or consumed.</exception>
[GenerateSerializer, Immutable, Alias("forge.resolve-effect")]
public sealed record ResolveEffect(
    [property: Id(0)] string Key,
    [property: Id(1)] long EffectEpoch,
    [property: Id(2)] EffectVerdict Verdict,
    [property: Id(3)] string By,
    [property: Id(4)] string Why,
    [property: Id(5)] ReadOnlyMemory<byte> Result = default,
    [property: Id(6)] string ContentType = "application/json") : Change<Effect>;
