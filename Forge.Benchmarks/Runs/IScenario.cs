namespace Forge.Benchmarks.Runs;

/// <summary>One thing to measure, with its baselines.</summary>
internal interface IScenario
{
    /// <summary>What the command line calls it.</summary>
    string Name { get; }

    /// <summary>One line on what it measures.</summary>
    string Summary { get; }

    /// <summary>Prepares, measures, validates and reports.</summary>
    /// <exception cref="ValidationException">What was written is not what was acknowledged.</exception>
    Task RunAsync(BenchmarkRun run);
}
