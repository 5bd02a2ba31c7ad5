using System.Globalization;
using Forge.Benchmarks.Databases;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;

namespace Forge.Benchmarks.Retention;

/// <summary>What a session needs that is written for ever and keeps its newest checkpoints alone.</summary>
internal sealed class RetentionScenario : IScenario
{
    private const string PostgreSql = "retention.postgresql";
    private const string PostgreSqlDay = "retention.postgresql-day";
    private const string Sqlite = "retention.sqlite";
    private const string SqliteDay = "retention.sqlite-day";
    private const int Pace = 800;

    /// <summary>
    /// The least that the request window can be set to, at a pace at which it is full after half of the run: 48,000 creates,
    /// what an agent that saves a step every two seconds makes in a day.
    /// </summary>
    private static readonly TimeSpan Scaled = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    public string Name => "retention";

    public string Summary => "one session that keeps its newest 100 of 100,000 checkpoints: database size, rate and p99 on the way";

    public async Task RunAsync(BenchmarkRun run)
    {
        int[] marks = run.Arguments.Quick ? [500, 2500, 5000] : [10_000, 50_000, 100_000];
        foreach (var (side, window) in new[] { (PostgreSql, Scaled), (PostgreSqlDay, Day), (Sqlite, Scaled), (SqliteDay, Day) })
        {
            if (!run.Arguments.Wants(side))
            {
                continue;
            }

            if (side is Sqlite or SqliteDay)
            {
                await WriteAsync(run, side, SiloSettings.Sqlite(run.NewFolder()), window, marks);
                continue;
            }

            // The run is days of an agent's work in a minute, so autovacuum has to look as often as it would in those.
            using var server = BenchmarkServer.Start("autovacuum_naptime=1s");
            await WriteAsync(run, side, SiloSettings.PostgreSql(await server.CreateDatabaseAsync()), window, marks);
        }

        run.Report.Note(
            "The run is days of an agent's work in minutes: the policy is applied in the background each second, autovacuum looks " +
            $"every second, {Pace} creates a second at the most are made, and removed ones are remembered for a minute. If the name " +
            "ends with 'day' there is no pace, and they are remembered for the default of 24 h, that is for all of the run.");
        foreach (var side in new[] { PostgreSql, PostgreSqlDay, Sqlite, SqliteDay })
        {
            run.Report.AddRatio(side.Replace("retention.", "retention.size.", StringComparison.Ordinal), At(side, "bytes", marks[^1]), At(side, "bytes", marks[0]));
            run.Report.AddRatio(
                side.Replace("retention.", "retention.growth.", StringComparison.Ordinal), At(side, "bytes", marks[^1]), At(side, "bytes", marks[^2]));
        }
    }

    private static async Task WriteAsync(BenchmarkRun run, string database, SiloSettings settings, TimeSpan window, int[] marks)
    {
        await using var silo = await LocalSilo.StartAsync(settings, options =>
        {
            options.Retention.SweepInterval = TimeSpan.FromSeconds(1);
            options.Retention.PolicyInterval = TimeSpan.FromSeconds(1);
            options.Retention.RequestWindow = window;
        });
        var soak = new RetentionSoak(database, silo.Client.Session("soak"), settings, window == Day ? null : Pace, TimeProvider.System);
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
