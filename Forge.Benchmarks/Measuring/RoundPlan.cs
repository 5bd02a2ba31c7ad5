namespace Forge.Benchmarks.Measuring;

/// <summary>How often and how long each side is measured.</summary>
/// <param name="Count">How many rounds count.</param>
/// <param name="Duration">How long a round of a rate lasts.</param>
/// <param name="WarmUp">
/// How long a side whose code is still being compiled and optimised runs before its rounds; others run one round that does
/// not count.
/// </param>
internal readonly record struct RoundPlan(int Count, TimeSpan Duration, TimeSpan WarmUp);
