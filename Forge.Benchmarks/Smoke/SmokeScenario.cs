using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Differences;
using Forge.Benchmarks.Forks;
using Forge.Benchmarks.Frozen;
using Forge.Benchmarks.Growth;
using Forge.Benchmarks.Latency;
using Forge.Benchmarks.Reads;
using Forge.Benchmarks.Retention;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Searching;
using Forge.Benchmarks.Silos;
using Forge.Benchmarks.Stress;
using Forge.Benchmarks.Transcripts;
using Forge.Benchmarks.Writes;

namespace Forge.Benchmarks.Smoke;

/// <summary>
/// A minute of the other scenarios, to see that they still run and that what they write is right. Fails when something
/// breaks, never by how long it takes: its figures are not to be quoted.
/// </summary>
internal sealed class SmokeScenario : IScenario
{
    private static readonly (IScenario Scenario, string? Only)[] Parts =
    [
        (new AppendScenario(), "append.postgresql.*.200x200.2KB.r,append.postgresql.unnest-1000.2KB.r,append.postgresql.local.1x20"),
        (new AppendScenario(), "append.sqlite.local.200x200.2KB.r,append.sqlite.insert-1000.2KB.r"),
        (new LatencyScenario(), null),
        (new ReadsScenario(), null),
        (new StressScenario(), null),
        (new SilosScenario(), null),
        (new GrowScenario(), null),
        (new TranscriptScenario(), "transcript.postgresql.made.,transcript.sqlite.made.,transcript.codec,transcript.rate,transcript.restore,transcript.sent"),
        (new RetentionScenario(), null),
        (new DiffScenario(), null),
        (new FrozenScenario(), "frozen.postgresql,frozen.sqlite"),
        (new SearchScenario(), null),
        (new ForkScenario(), null),
        (new WritesScenario(), null),
    ];

    public string Name => "smoke";

    public string Summary => "a minute of the other scenarios: fails when something breaks, never by time";

    public async Task RunAsync(BenchmarkRun run)
    {
        var asked = run.Arguments;
        foreach (var (scenario, only) in Parts)
        {
            run.Arguments = asked with { Quick = true, Only = only, Rounds = 1, Seconds = 0.3 };
            await scenario.RunAsync(run);
        }

        run.Arguments = asked;
    }
}
