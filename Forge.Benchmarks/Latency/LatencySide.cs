using System.Diagnostics;
using Forge.Benchmarks.Measuring;

namespace Forge.Benchmarks.Latency;

/// <summary>One caller that waits for each call; the value of a round is its median in milliseconds, unless another part is asked for.</summary>
/// <param name="name">The name.</param>
/// <param name="call">The call, by its number from 0.</param>
internal sealed class LatencySide(string name, Func<long, Task> call) : Side(name)
{
    private readonly List<double> _all = [];
    private long _calls;

    /// <summary>The milliseconds of every call of the rounds that count.</summary>
    public IReadOnlyList<double> All => _all;

    /// <summary>Which part of the calls, 0 to 1, the value of a round is not exceeded by.</summary>
    public double Part { get; init; } = 0.5;

    /// <summary>Done before each call, and not timed.</summary>
    public Func<long, Task>? Prepare { get; init; }

    /// <summary>Compares what was written with what was acknowledged.</summary>
    public Func<Task>? Validate { get; init; }

    public override async Task<double> RunAsync(TimeSpan duration)
    {
        var round = new List<double>();
        var start = Stopwatch.GetTimestamp();
        do
        {
            if (Prepare is not null)
            {
                await Prepare(_calls);
            }

            var before = Stopwatch.GetTimestamp();
            await call(_calls++);
            round.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }
        while (Stopwatch.GetElapsedTime(start) < duration);

        if (IsCounting)
        {
            _all.AddRange(round);
        }

        return Samples.Percentile(round, Part);
    }

    public override Task ValidateAsync() => Validate?.Invoke() ?? Task.CompletedTask;

    public static void ReportTails(Runs.BenchmarkRun run, IEnumerable<LatencySide> sides)
    {
        foreach (var side in sides.Where(s => s.All.Count > 0))
        {
            var name = side.Name.EndsWith(".p50", StringComparison.Ordinal) ? side.Name[..^".p50".Length] : side.Name;
            run.Report.Add($"{name}.p95", "ms", Samples.Percentile(side.All, 0.95));
            run.Report.Add($"{name}.p99", "ms", Samples.Percentile(side.All, 0.99));
        }
    }
}
