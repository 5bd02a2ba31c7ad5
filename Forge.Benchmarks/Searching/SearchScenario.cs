using System.Globalization;
using Forge.Benchmarks.Latency;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Catalog;
using Forge.Checkpoints;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Benchmarks.Searching;

/// <summary>Pages of searches over a tenant that is large, beside one that is small.</summary>
internal sealed class SearchScenario : IScenario
{
    private const string Prefix = "search";
    private const int Page = 100;

    public string Name => Prefix;

    public string Summary => "p95 of pages of searches over 1,000,000 checkpoints of 100,000 sessions, beside 10,000 of 1,000";

    private static readonly string[] Databases = ["postgresql", "sqlite"];

    public async Task RunAsync(BenchmarkRun run)
    {
        int[] sizes = run.Arguments.Quick ? [100, 300] : [1000, 100_000];
        List<SearchData> made = [];
        try
        {
            foreach (var database in Databases.Where(d => run.Arguments.WantsAny($"{Prefix}.{d}")))
            {
                List<Side> sides = [];
                run.Progress.Expect(sizes.Length);
                foreach (var size in sizes)
                {
                    await run.Progress.StepAsync($"{Prefix}: fill {database} with {size} sessions", async () =>
                    {
                        made.Add(database == "sqlite" ? await SearchData.SqliteAsync(run, size) : await SearchData.PostgreSqlAsync(run, size));
                        sides.AddRange(SidesOf(database, made[^1]));
                    });
                }

                await new Contest(run, Prefix, run.Rounds(7, 0.5)) { Unit = "ms (p95)" }.RunAsync(sides);
                foreach (var search in Searches(made[^1]).Select(s => s.Name))
                {
                    run.Report.AddRatio($"{Prefix}.{database}.{search}", At(database, search, sizes[^1]), At(database, search, sizes[0]));
                }
            }
        }
        finally
        {
            foreach (var data in made)
            {
                await data.DisposeAsync();
            }
        }
    }

    private static string At(string database, string search, int size) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}.{database}.{search}.{size}");

    private static IEnumerable<LatencySide> SidesOf(string database, SearchData data) => Searches(data).Select(search =>
        new LatencySide(At(database, search.Name, data.Sessions), async call =>
        {
            // From all over the tenant, in an order that no cache foresees.
            if (await search.Find(call * 7919 % data.Sessions) == 0)
            {
                throw new ValidationException(search.Name, "nothing was found");
            }
        })
        {
            Part = 0.95,
        });

    private static IEnumerable<(string Name, Func<long, Task<int>> Find)> Searches(SearchData data)
    {
        var sessions = new SessionFilter { Limit = Page };
        var checkpoints = new CheckpointFilter { Limit = Page };
        yield return ("names", i => SessionsAsync(sessions with { After = new(SessionName(i - 1)) }));
        yield return ("prefix", i => SessionsAsync(sessions with { Prefix = SessionName(i)[..^2] }));
        yield return ("label", i => SessionsAsync(sessions with { Labels = [Team(i)] }));
        yield return ("labels", i => SessionsAsync(sessions with { Labels = [new("env", "prod"), Team(i)] }));
        yield return ("activity", i => SessionsAsync(sessions with { Order = SessionOrder.Activity, After = Active(i) }));
        yield return ("activity-label", i => SessionsAsync(
            sessions with { Order = SessionOrder.Activity, After = Active(i), Labels = [new("env", "prod")] }));
        yield return ("tag-of-many", i => CheckpointsAsync(
            checkpoints with { Tag = "milestone", After = Created(SearchData.Checkpoints - 1, i) }));
        yield return ("tag-of-few", i => CheckpointsAsync(checkpoints with { Tag = Group(i) }));
        yield return ("trigger", i => CheckpointsAsync(checkpoints with { Trigger = CheckpointTrigger.Error, After = Created(2, i) }));

        async Task<int> SessionsAsync(SessionFilter filter) =>
            (await data.Catalog.ListSessionsAsync(TenantId.Default, filter, CancellationToken.None)).Rows.Count;

        async Task<int> CheckpointsAsync(CheckpointFilter filter) =>
            (await data.Catalog.ListCheckpointsAsync(TenantId.Default, filter, CancellationToken.None)).Rows.Count;

        string SessionName(long i) => string.Create(CultureInfo.InvariantCulture, $"s{i:0000000}");

        History.Rows.StoredLabel Team(long i) => new("team", string.Create(CultureInfo.InvariantCulture, $"team-{i / 100}"));

        string Group(long i) => string.Create(CultureInfo.InvariantCulture, $"group-{i / 100}");

        SessionPlace Active(long i) => new("", SearchData.Start.AddMilliseconds(((SearchData.Checkpoints - 1) * (long)data.Sessions) + i + 1));

        CheckpointPlace Created(int before, long i) => new(SearchData.Start.AddMilliseconds((before * (long)data.Sessions) + i + 1), 0, 0);
    }
}
