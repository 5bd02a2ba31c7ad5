using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;

namespace Forge.Benchmarks.Stress;

/// <summary>Twenty callers at once on one session, each with fifty operations: create, list, get and delete in turn.</summary>
internal sealed class StressScenario : IScenario
{
    public string Name => "stress";

    public string Summary => "20 callers x 50 operations on one session, beside a lock in memory";

    public async Task RunAsync(BenchmarkRun run)
    {
        // Rounds here are a fixed amount of work, so that many fit.
        var plan = run.Rounds(15, 0.1) with { Duration = TimeSpan.Zero };
        await using var postgreSql = await RemoteForge.StartAsync(SiloSettings.PostgreSql(await run.PostgreSql.CreateDatabaseAsync()));
        await using var sqlite = await RemoteForge.StartAsync(SiloSettings.Sqlite(run.NewFolder()));
        await using var postgreSqlLocal = await LocalSilo.StartAsync(SiloSettings.PostgreSql(await run.PostgreSql.CreateDatabaseAsync()));
        await using var sqliteLocal = await LocalSilo.StartAsync(SiloSettings.Sqlite(run.NewFolder()));
        await new Contest(run, "stress", plan) { Unit = "ms" }.RunAsync(
        [
            new ForgeStress("stress.postgresql.ms", postgreSql),
            new ForgeStress("stress.sqlite.ms", sqlite),
            new ForgeStress("stress.postgresql.local.ms", postgreSqlLocal),
            new ForgeStress("stress.sqlite.local.ms", sqliteLocal),
            new LockedStress("stress.memory-lock.ms"),
        ]);
        run.Report.AddRatio("stress.postgresql", "stress.postgresql.ms", "stress.memory-lock.ms");
        run.Report.AddRatio("stress.sqlite", "stress.sqlite.ms", "stress.memory-lock.ms");
    }
}
