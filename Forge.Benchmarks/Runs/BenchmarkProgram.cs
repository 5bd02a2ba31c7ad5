using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Differences;
using Forge.Benchmarks.Forks;
using Forge.Benchmarks.Frozen;
using Forge.Benchmarks.Growth;
using Forge.Benchmarks.Latency;
using Forge.Benchmarks.Micro;
using Forge.Benchmarks.Peers;
using Forge.Benchmarks.Reads;
using Forge.Benchmarks.Reporting;
using Forge.Benchmarks.Reporting.Charts;
using Forge.Benchmarks.Retention;
using Forge.Benchmarks.Searching;
using Forge.Benchmarks.Sessions;
using Forge.Benchmarks.Silos;
using Forge.Benchmarks.Smoke;
using Forge.Benchmarks.Streams;
using Forge.Benchmarks.Stress;
using Forge.Benchmarks.Transcripts;
using Forge.Benchmarks.Writes;

namespace Forge.Benchmarks.Runs;

/// <summary>Runs the scenario that the command line names.</summary>
internal static class BenchmarkProgram
{
    /// <summary>Not a scenario: draws the pictures of an earlier run from its JSON and prints its tables for a page.</summary>
    private const string Charts = "charts";

    private static readonly IScenario[] Scenarios =
    [
        new AppendScenario(),
        new LatencyScenario(),
        new ReadsScenario(),
        new StressScenario(),
        new GrowScenario(),
        new SessionsScenario(),
        new SilosScenario(),
        new PeersScenario(),
        new TranscriptScenario(),
        new RetentionScenario(),
        new DiffScenario(),
        new FrozenScenario(),
        new SearchScenario(),
        new ForkScenario(),
        new WritesScenario(),
        new StreamsScenario(),
        new MicroScenario(),
        new SmokeScenario(),
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        BenchmarkArguments arguments;
        IScenario? scenario;
        try
        {
            arguments = BenchmarkArguments.Parse(args);
            scenario = Scenarios.FirstOrDefault(s => s.Name == arguments.Scenario);
            if (scenario is null && arguments is not { Scenario: Charts, Json: not null, Svg: not null })
            {
                throw new ArgumentException(arguments.Scenario == Charts
                    ? "Charts need --json FILE to draw from and --svg DIR to draw into."
                    : $"There is no scenario '{arguments.Scenario}'.");
            }
        }
        catch (ArgumentException exception)
        {
            await Console.Error.WriteLineAsync($"{exception.Message}\nUsage: {BenchmarkArguments.Usage}\n");
            foreach (var known in Scenarios)
            {
                await Console.Error.WriteLineAsync($"  {known.Name,-10} {known.Summary}");
            }

            await Console.Error.WriteLineAsync($"  {Charts,-10} pictures and Markdown tables of an earlier run: --json FILE --svg DIR");
            return 2;
        }

        if (scenario is null)
        {
            return Draw(arguments);
        }

        BenchmarkReport? report = null;
        await RunProgress.ShowAsync(async progress =>
        {
            await using var run = new BenchmarkRun(arguments, progress);
            await scenario.RunAsync(run);
            report = run.Report;
        });
        ReportTable.Write(report!);
        if (arguments.Json is { } json)
        {
            await File.WriteAllTextAsync(json, report!.ToJson());
        }

        if (arguments.Svg is { } folder)
        {
            ChartWriter.Write(report!.ToJson(), folder);
        }

        return 0;
    }

    private static int Draw(BenchmarkArguments arguments)
    {
        var json = File.ReadAllText(arguments.Json!);
        ChartWriter.Write(json, arguments.Svg!);
        Console.Write(ReportMarkdown.Write(json));

        return 0;
    }
}
