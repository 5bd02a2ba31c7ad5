using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;

namespace Forge.Benchmarks.Silos;

/// <summary>One silo process and two that share a database, under the same load.</summary>
internal sealed class SilosScenario : IScenario
{
    private const string One = "silos.one";
    private const string Two = "silos.two";

    private static readonly Shape Load = new(200, 200);

    public string Name => "silos";

    public string Summary => "one silo process and two on one database: rate, and processor time per create";

    public async Task RunAsync(BenchmarkRun run)
    {
        var plan = run.Rounds(5, 2);
        var states = new StatePool(2048, StateKind.Random);
        var server = run.PostgreSql;
        await using var one = await RemoteForge.StartAsync(SiloSettings.PostgreSql(await server.CreateDatabaseAsync()));
        await using var two = await RemoteForge.StartAsync(SiloSettings.PostgreSql(await server.CreateDatabaseAsync()), silos: 2);
        await new Contest(run, "silos", plan) { Unit = "checkpoints/s", Meter = new ProcessorMeter(server, one.SilosProcessorTime, two.SilosProcessorTime) }.RunAsync(
        [
            new ForgeAppend(One, one, Load, states) { IsCompiledAsItRuns = true },
            new ForgeAppend(Two, two, Load, states) { IsCompiledAsItRuns = true },
        ]);
        run.Report.AddRatio("silos.rate", Two, One);
        run.Report.AddRatio("silos.cpu-silo", $"{Two}.cpu-silo", $"{One}.cpu-silo");
        run.Report.AddRatio("silos.cpu-database", $"{Two}.cpu-database", $"{One}.cpu-database");
        run.Report.Note("Both clusters share the machine's cores with the callers and the database: two silos show what sharing a database costs, not what a second machine gives.");
    }
}
