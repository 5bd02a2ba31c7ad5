using System.Text.Json;
using Forge.Benchmarks.Latency;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Differences;
using Forge.Differences.Json;

namespace Forge.Benchmarks.Differences;

/// <summary>The differences of transcripts of about 5 MB, beside reading both with the framework's own parser.</summary>
internal sealed class DiffScenario : IScenario
{
    private const int Messages = 8500;
    private const int QuickMessages = 850;

    public string Name => "diff";

    public string Summary => "the difference of two transcripts of 5 MB, beside parsing both";

    public async Task RunAsync(BenchmarkRun run)
    {
        var pairs = TranscriptPairs.Make(run.Arguments.Quick ? QuickMessages : Messages);
        List<LatencySide> sides = [];
        foreach (var pair in pairs)
        {
            sides.Add(new LatencySide(DiffOf(pair), _ =>
            {
                pair.Compare();
                return Task.CompletedTask;
            })
            {
                IsCompiledAsItRuns = true,
                Validate = () =>
                {
                    run.Report.Add($"diff.{pair.Name}.patch-bytes", "bytes", pair.Validate());
                    run.Report.Add($"diff.{pair.Name}.state-bytes", "bytes", pair.To.Length);
                    return Task.CompletedTask;
                },
            });
            sides.Add(new LatencySide(ParseOf(pair), _ =>
            {
                using var from = JsonDocument.Parse(pair.From);
                using var to = JsonDocument.Parse(pair.To);
                return Task.CompletedTask;
            })
            {
                IsCompiledAsItRuns = true,
            });
        }

        await new Contest(run, "diff", run.Rounds(5, 2)) { Unit = "ms" }.RunAsync(sides);
        foreach (var pair in pairs)
        {
            run.Report.AddRatio($"diff.{pair.Name}", DiffOf(pair), ParseOf(pair));
        }
    }

    private static string DiffOf(TranscriptPair pair) => $"diff.{pair.Name}-ms";

    private static string ParseOf(TranscriptPair pair) => $"diff.{pair.Name}-parse-ms";
}
