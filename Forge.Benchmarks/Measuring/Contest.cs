using System.Diagnostics;
using Forge.Benchmarks.Runs;

namespace Forge.Benchmarks.Measuring;

/// <summary>
/// Measures sides against each other: in each round every side has its turn, so that what disturbs one disturbs all.
/// </summary>
internal sealed class Contest(BenchmarkRun run, string title, RoundPlan plan)
{
    private readonly Dictionary<Side, List<double>> _samples = [];
    private readonly Dictionary<(Side Side, string Cost), List<double>> _costs = [];

    /// <summary>The unit of the sides' values.</summary>
    public required string Unit { get; init; }

    /// <summary>Also reports the processor time of an operation; only if the values are rates a second.</summary>
    public ProcessorMeter? Meter { get; init; }

    /// <summary>Runs, validates and reports the median of each side under its name. Disposes of the sides.</summary>
    /// <param name="sides">The sides; those that the command line does not want are left out.</param>
    /// <exception cref="ValidationException">A side holds other than it acknowledged; nothing is reported.</exception>
    public async Task RunAsync(IReadOnlyList<Side> sides)
    {
        sides = [.. sides.Where(s => run.Arguments.Wants(s.Name))];
        run.Progress.Expect(sides.Count * (plan.Count + 3));
        try
        {
            await RunRoundsAsync(sides);
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
            run.Report.AddSamples(side.Name, Unit, _samples[side]);
            foreach (var ((_, name), values) in _costs.Where(c => c.Key.Side == side))
            {
                run.Report.AddSamples($"{side.Name}.{name}", "µs each", values);
            }
        }
    }

    private async Task RunRoundsAsync(IReadOnlyList<Side> sides)
    {
        foreach (var side in sides)
        {
            await run.Progress.StepAsync($"{title}: prepare {side.Name}", side.PrepareAsync);
        }

        foreach (var side in sides)
        {
            await run.Progress.StepAsync($"{title}: warm up {side.Name}", () => WarmUpAsync(side));
        }

        for (var round = 0; round < plan.Count; round++)
        {
            // Each round begins with another side, so that none always follows the same neighbour's writes.
            for (var i = 0; i < sides.Count; i++)
            {
                var side = sides[(i + round) % sides.Count];
                await run.Progress.StepAsync($"{title}: round {round + 1} of {plan.Count}, {side.Name}", () => MeasureAsync(side));
            }
        }

        foreach (var side in sides)
        {
            await run.Progress.StepAsync($"{title}: validate {side.Name}", side.ValidateAsync);
        }
    }

    private async Task WarmUpAsync(Side side)
    {
        var start = Stopwatch.GetTimestamp();
        do
        {
            await side.RunAsync(plan.Duration);
        }
        while (side.IsCompiledAsItRuns && Stopwatch.GetElapsedTime(start) < plan.WarmUp);
    }

    private async Task MeasureAsync(Side side)
    {
        side.IsCounting = true;
        var before = Meter?.Read();
        var value = await side.RunAsync(plan.Duration);
        Add(_samples, side, value);
        foreach (var (name, microseconds) in before is null ? [] : Meter!.CostsSince(before, value))
        {
            Add(_costs, (side, name), microseconds);
        }
    }

    private static void Add<TKey>(Dictionary<TKey, List<double>> lists, TKey key, double value)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list))
        {
            lists.Add(key, list = []);
        }

        list.Add(value);
    }
}
