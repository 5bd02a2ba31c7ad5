using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;

namespace Forge.Benchmarks.Reads;

/// <summary>How many checkpoints a second many callers read at once: the newest of as many sessions, again and again.</summary>
internal sealed class ReadsScenario : IScenario
{
    private const string Prefix = "reads";
    private const int Callers = 200;
    private const int HttpCallers = 50;

    /// <summary>How many connections a silo reads with, at the most.</summary>
    private const int SiloConnections = 16;

    public string Name => Prefix;

    public string Summary => "the latest of 200 sessions read by 200 callers, beside raw SELECTs, and by 50 callers over HTTP";

    public async Task RunAsync(BenchmarkRun run)
    {
        if (run.Arguments.WantsAny($"{Prefix}.postgresql") || run.Arguments.WantsAny($"{Prefix}.sqlite"))
        {
            await LocalAsync(run);
        }

        if (run.Arguments.WantsAny($"{Prefix}.http"))
        {
            await HttpAsync(run);
        }
    }

    private static async Task LocalAsync(BenchmarkRun run)
    {
        var states = new StatePool(2048, StateKind.Random);
        var database = await run.PostgreSql.CreateDatabaseAsync();
        await using var postgreSql = await LocalSilo.StartAsync(SiloSettings.PostgreSql(database));
        await using var sqlite = await LocalSilo.StartAsync(SiloSettings.Sqlite(run.NewFolder()));
        Side[] sides =
        [
            new LatestReads($"{Prefix}.postgresql.latest", postgreSql, Callers, states) { IsCompiledAsItRuns = true },
            new RawSelects($"{Prefix}.postgresql.raw", database, Callers, Callers, states),
            new RawSelects($"{Prefix}.postgresql.raw-{SiloConnections}", database, Callers, SiloConnections, states),
            new LatestReads($"{Prefix}.sqlite.latest", sqlite, Callers, states) { IsCompiledAsItRuns = true },
        ];
        var meter = new ProcessorMeter(run.PostgreSql);
        await new Contest(run, "reads", run.Rounds(7, 2)) { Unit = "reads/s", Meter = meter }.RunAsync(sides);
        run.Report.AddRatio($"{Prefix}.latest", $"{Prefix}.postgresql.latest", $"{Prefix}.postgresql.raw");
        run.Report.AddRatio($"{Prefix}.latest-{SiloConnections}", $"{Prefix}.postgresql.latest", $"{Prefix}.postgresql.raw-{SiloConnections}");
    }

    private static async Task HttpAsync(BenchmarkRun run)
    {
        var states = new StatePool(2048, StateKind.Json);
        Side[] sides =
        [
            Http("postgresql", SiloSettings.PostgreSql(await run.PostgreSql.CreateDatabaseAsync())),
            Http("sqlite", SiloSettings.Sqlite(run.NewFolder())),
        ];
        await new Contest(run, "reads over HTTP", run.Rounds(7, 2)) { Unit = "reads/s" }.RunAsync(sides);
        run.Report.AddRatio($"{Prefix}.http", $"{Prefix}.http.postgresql", $"{Prefix}.http.sqlite");

        HttpReads Http(string database, SiloSettings settings) =>
            new($"{Prefix}.http.{database}", HttpCallers, states, settings) { IsCompiledAsItRuns = true };
    }
}
