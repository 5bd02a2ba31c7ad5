using Forge.Benchmarks.Runs;

namespace Forge.Benchmarks.Measuring;

/// <summary>Measures sides against each other: in each round every side has its turn, so that what disturbs one disturbs all.</summary>
internal static class Contest
{
    /// <summary>Runs, validates and reports the median of each side under its name.</summary>
    public static async Task RunAsync(BenchmarkRun run, string title, string unit, RoundPlan plan, IReadOnlyList<Side> sides)
    {
        sides = [.. sides.Where(s => run.Arguments.Wants(s.Name))];
        run.Progress.Expect(sides.Count * (plan.Count + 3));
        var samples = sides.ToDictionary(s => s, _ => new List<double>());
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
                        async () => samples[side].Add(await side.RunAsync(plan.Duration)));
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
        }
    }
}
