using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Growth;
using Forge.Benchmarks.Latency;
using Forge.Benchmarks.Peers;
using Forge.Benchmarks.Reporting;
using Forge.Benchmarks.Sessions;
using Forge.Benchmarks.Silos;
using Forge.Benchmarks.Smoke;
using Forge.Benchmarks.Stress;

namespace Forge.Benchmarks.Runs;

/// <summary>Runs the scenario that the command line names.</summary>
internal static class BenchmarkProgram
{
    private static readonly IScenario[] Scenarios =
    [
        new AppendScenario(),
        new LatencyScenario(),
        new StressScenario(),
        new GrowScenario(),
        new SessionsScenario(),
        new SilosScenario(),
        new PeersScenario(),
        new SmokeScenario(),
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        BenchmarkArguments arguments;
        IScenario scenario;
        try
        {
            arguments = BenchmarkArguments.Parse(args);
            scenario = Scenarios.FirstOrDefault(s => s.Name == arguments.Scenario)
                ?? throw new ArgumentException($"There is no scenario '{arguments.Scenario}'.");
        }
        catch (ArgumentException exception)
        {
            await Console.Error.WriteLineAsync($"{exception.Message}\nUsage: {BenchmarkArguments.Usage}\n");
            foreach (var known in Scenarios)
            {
                await Console.Error.WriteLineAsync($"  {known.Name,-10} {known.Summary}");
            }

            return 2;
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

        return 0;
    }
}
