namespace Forge.Benchmarks.Measuring;

/// <summary>How often and how long each side is measured, after a warm-up round that does not count.</summary>
/// <param name="Count">How many rounds count.</param>
/// <param name="Duration">How long a round of a rate lasts.</param>
internal readonly record struct RoundPlan(int Count, TimeSpan Duration);
