namespace Forge.Benchmarks.Runs;

/// <summary>What a side holds is not what it acknowledged: its figures must not be reported.</summary>
/// <param name="side">The side.</param>
/// <param name="problem">What is wrong, as the end of a sentence.</param>
internal sealed class ValidationException(string side, string problem) : Exception($"{side}: {problem}.");
