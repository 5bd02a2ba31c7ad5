using System.Globalization;
using Forge.Benchmarks.Databases;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;

namespace Forge.Benchmarks.Retention;

/// <summary>What a session needs that is written for ever and keeps its newest checkpoints alone.</summary>
internal sealed class RetentionScenario : IScenario
{
    private const string PostgreSql = "retention.postgresql";
    private const string Sqlite = "retention.sqlite";

    public string Name => "retention";

    public string Summary => "one session that keeps its newest 100 of 100,000 checkpoints: database size, rate and p99 on the way";

    public async Task RunAsync(BenchmarkRun run)
    {
        int[] marks = run.Arguments.Quick ? [500, 2500, 5000] : [10_000, 50_000, 100_000];
        if (run.Arguments.Wants(PostgreSql))
        {
            // The run is days of an agent's work in a minute, so autovacuum has to look as often as it would in those.
            using var server = PrivatePostgreSql.Start("autovacuum_naptime=1s");
            await WriteAsync(run, PostgreSql, SiloSettings.PostgreSql(await server.CreateDatabaseAsync()), marks);
        }

        if (run.Arguments.Wants(Sqlite))
        {
            await WriteAsync(run, Sqlite, SiloSettings.Sqlite(run.NewFolder()), marks);
        }

        run.Report.Note(
            "The policy is applied in the background, each second; removed creates are remembered for a minute (24 h by default), and autovacuum looks every second.");
        run.Report.AddRatio("retention.size", At(PostgreSql, "bytes", marks[^1]), At(PostgreSql, "bytes", marks[0]));
        run.Report.AddRatio("retention.size.without-requests", At(PostgreSql, "other-bytes", marks[^1]), At(PostgreSql, "other-bytes", marks[0]));
        run.Report.AddRatio("retention.size.sqlite", At(Sqlite, "bytes", marks[^1]), At(Sqlite, "bytes", marks[0]));
    }

    private static async Task WriteAsync(BenchmarkRun run, string database, SiloSettings settings, int[] marks)
    {
        await using var silo = await LocalSilo.StartAsync(settings, options =>
        {
            options.Retention.SweepInterval = TimeSpan.FromSeconds(1);
            options.Retention.PolicyInterval = TimeSpan.FromSeconds(1);
            options.Retention.RequestWindow = TimeSpan.FromMinutes(1);
        });
        var soak = new RetentionSoak(database, silo.Client.Session("soak"), settings);
        await soak.BeginAsync();
        run.Progress.Expect(marks.Length + 1);
        var found = new List<(int Mark, SoakReading Reading)>();
        foreach (var mark in marks)
        {
            await run.Progress.StepAsync(
                string.Create(CultureInfo.InvariantCulture, $"retention: {database} to {mark}"),
                async () => found.Add((mark, await soak.WriteToAsync(mark))));
        }

        await run.Progress.StepAsync($"retention: validate {database}", soak.ValidateAsync);
        foreach (var (mark, reading) in found)
        {
            run.Report.Add(At(database, "bytes", mark), "bytes", reading.Bytes);
            run.Report.Add(At(database, "rate", mark), "creates/s", reading.Rate);
            run.Report.Add(At(database, "p99", mark), "ms", reading.P99);
            if (reading.Tables.Count > 0)
            {
                // Removed creates are remembered for the request window, whatever is kept of the checkpoints.
                var remembered = reading.Tables.Single(t => t.Table == "requests").Bytes;
                run.Report.Add(At(database, "requests-bytes", mark), "bytes", remembered);
                run.Report.Add(At(database, "other-bytes", mark), "bytes", reading.Bytes - remembered);
            }
        }
    }

    private static string At(string database, string what, int mark) =>
        string.Create(CultureInfo.InvariantCulture, $"{database}-{what}.{mark}");
}
