using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Latency;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;

namespace Forge.Benchmarks.Streams;

/// <summary>How soon those who watch a session are told, and what they cost whoever writes it.</summary>
internal sealed class StreamsScenario : IScenario
{
    private const string Prefix = "streams";
    private const string Told = $"{Prefix}.told.p50";
    private const string Alone = $"{Prefix}.writer.0";
    private const string Watched = $"{Prefix}.writer.100";

    public string Name => Prefix;

    public string Summary => "time from the answer to a create until a subscriber by another silo has it, and a writer's rate with 0 and 100 subscribers";

    public async Task RunAsync(BenchmarkRun run)
    {
        var plan = run.Rounds(5, 2);
        var states = new StatePool(2048, StateKind.Random);
        var settings = SiloSettings.PostgreSql(await run.PostgreSql.CreateDatabaseAsync());
        await using var cluster = await RemoteForge.StartAsync(settings, silos: 2);
        int[] ports = [.. cluster.GatewayPorts];
        await using var writer = await RemoteForge.ConnectAsync(settings, [ports[0]]);
        await using var reader = await RemoteForge.ConnectAsync(settings, [ports[1]]);

        var session = writer.Client.Session("told");
        await using var seen = new SeenPositions(reader.Client.Session("told"));
        var told = new LatencySide(Told, i => seen.UntilAsync(i + 1))
        {
            IsCompiledAsItRuns = true,
            Prepare = async i => await session.CheckpointAsync(states.State(i), StatePool.Message(i)),
        };
        if (run.Arguments.WantsAny(Told))
        {
            await new Contest(run, Prefix, plan) { Unit = "ms" }.RunAsync([told]);
            LatencySide.ReportTails(run, [told]);
        }

        await new Contest(run, Prefix, plan) { Unit = "checkpoints/s" }.RunAsync(
        [
            new WatchedAppend(Alone, writer, reader, 0, states) { IsCompiledAsItRuns = true },
            new WatchedAppend(Watched, writer, reader, 100, states) { IsCompiledAsItRuns = true },
        ]);
        run.Report.AddRatio($"{Prefix}.writer", Watched, Alone);
        run.Report.Note("All subscribers are in the process that measures, which shares the machine's cores with the silos and the database.");
    }
}
