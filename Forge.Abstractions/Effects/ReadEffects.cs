using Forge.Errors;
using Forge.Operations;

namespace Forge.Effects;

/// <summary>All that is known of an effect.</summary>
/// <param name="Key">The effect.</param>
/// <exception cref="EffectNotFoundException">There is none.</exception>
/// <exception cref="EffectDamagedException">What is stored of it is not what was written.</exception>
[GenerateSerializer, Immutable, Alias("forge.get-effect")]
public sealed record GetEffect([property: Id(0)] string Key) : Operation<Effect>;

/// <summary>Lists the effects of a session by their keys, in ordinal order.</summary>
/// <param name="Limit">The most items of a page; 1 to 1,000.</param>
/// <param name="Cursor">The <see cref="EffectPage.Next"/> of the page before; null for the first.</param>
/// <param name="Status">Those that stand so, by the silo's clock; null for all. A page may hold fewer than its limit then.</param>
/// <param name="Class">Those of this class; null for all.</param>
/// <exception cref="EffectDamagedException">What is stored of one of them is not what was written.</exception>
[GenerateSerializer, Immutable, Alias("forge.list-effects")]
public sealed record ListEffects(
    [property: Id(0)] int Limit = 100,
    [property: Id(1)] string? Cursor = null,
    [property: Id(2)] EffectStatus? Status = null,
    [property: Id(3)] EffectClass? Class = null) : Operation<EffectPage>;

/// <summary>A page of effects.</summary>
/// <param name="Items">By their keys.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
[GenerateSerializer, Immutable, Alias("forge.effect-page")]
public sealed record EffectPage([property: Id(0)] IReadOnlyList<EffectSummary> Items, [property: Id(1)] string? Next);

/// <summary>The effects that came later than a checkpoint: that were begun when it was there.</summary>
/// <param name="Items">The first 100 of them, by when they were begun.</param>
/// <param name="Count">How many there are.</param>
[GenerateSerializer, Immutable, Alias("forge.effects-after")]
public sealed record EffectsAfter([property: Id(0)] IReadOnlyList<EffectSummary> Items, [property: Id(1)] long Count)
{
    /// <summary>The most that are named.</summary>
    public const int MostNamed = 100;

    /// <summary>None.</summary>
    public static EffectsAfter None { get; } = new([], 0);

    /// <summary>True if there are more than are named.</summary>
    public bool More => Count > Items.Count;
}

/// <summary>What a restore or a fork does about effects that came later than the point that it goes to.</summary>
public enum EffectsRule
{
    /// <summary>Tells them.</summary>
    Report = 0,

    /// <summary>Refuses unless each of them is acknowledged (<see cref="EffectsAfterException"/>).</summary>
    Refuse = 1,
}
