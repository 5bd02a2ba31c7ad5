using Forge.Benchmarks.Runs;

namespace Forge.Benchmarks.Measuring;

/// <summary>Measures sides against each other: in each round every side has its turn, so that what disturbs one disturbs all.</summary>
internal static class Contest
{
    /// <summary>Runs, validates and reports the median of each side under its name.</summary>
    /// <param name="run">The run.</param>
    /// <param name="title">What the progress bar calls it.</param>
    /// <param name="unit">The unit of the sides' values.</param>
    /// <param name="plan">How often and how long.</param>
    /// <param name="sides">The sides; those that the command line does not want are left out.</param>
    /// <param name="meter">Also reports the processor time of an operation, where the sides' values are rates a second.</param>
    public static async Task RunAsync(
        BenchmarkRun run, string title, string unit, RoundPlan plan, IReadOnlyList<Side> sides, ProcessorMeter? meter = null)
    {
        sides = [.. sides.Where(s => run.Arguments.Wants(s.Name))];
        run.Progress.Expect(sides.Count * (plan.Count + 3));
        var samples = sides.ToDictionary(s => s, _ => new List<double>());
        var costs = sides.ToDictionary(s => s, _ => new List<ProcessorCost>());
        try
        {
            foreach (var side in sides)
            {
                await run.Progress.StepAsync($"{title}: prepare {side.Name}", side.PrepareAsync);
            }

            foreach (var side in sides)
            {
                await run.Progress.StepAsync($"{title}: warm up {side.Name}", () => side.RunAsync(plan.Duration));
            }

            for (var round = 0; round < plan.Count; round++)
            {
                // Each round begins with another side, so that none always follows the same neighbour's writes.
                for (var i = 0; i < sides.Count; i++)
                {
                    var side = sides[(i + round) % sides.Count];
                    await run.Progress.StepAsync(
                        $"{title}: round {round + 1} of {plan.Count}, {side.Name}",
                        () => MeasureAsync(side));
                }
            }

            foreach (var side in sides)
            {
                await run.Progress.StepAsync($"{title}: validate {side.Name}", side.ValidateAsync);
            }
        }
        finally
        {
            foreach (var side in sides)
            {
                await side.DisposeAsync();
            }
        }

        foreach (var side in sides)
        {
            run.Report.AddSamples(side.Name, unit, samples[side]);
            if (costs[side].Count > 0)
            {
                run.Report.AddSamples($"{side.Name}.cpu", "µs each", [.. costs[side].Select(c => c.Program)]);
                run.Report.AddSamples($"{side.Name}.cpu-database", "µs each", [.. costs[side].Select(c => c.Database)]);
            }
        }

        async Task MeasureAsync(Side side)
        {
            var before = meter?.Read();
            var value = await side.RunAsync(plan.Duration);
            samples[side].Add(value);
            if (before is { } start && meter?.CostSince(start, value) is { } cost)
            {
                costs[side].Add(cost);
            }
        }
    }
}
