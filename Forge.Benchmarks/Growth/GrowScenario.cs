using System.Globalization;
using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Databases;
using Forge.Benchmarks.Latency;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;
using Forge.Checkpoints;
using Forge.Client;

namespace Forge.Benchmarks.Growth;

/// <summary>What a session costs when it is long, beside a short one.</summary>
internal sealed class GrowScenario : IScenario
{
    private const string Prefix = "grow";

    private static readonly string[] Operations = ["create", "latest", "page", "activation"];

    public string Name => Prefix;

    public string Summary => "create, latest, list page, activation and memory of a session at 1,000, 10,000 and 100,000 checkpoints";

    public async Task RunAsync(BenchmarkRun run)
    {
        int[] sizes = run.Arguments.Quick ? [1000, 10_000] : [1000, 10_000, 100_000];
        var plan = run.Rounds(9, 0.5);
        var states = new StatePool(256, StateKind.Random);
        using var server = BenchmarkServer.Start("shared_preload_libraries=pg_stat_statements", "track_activity_query_size=8192");
        var database = await server.CreateDatabaseAsync();
        var settings = SiloSettings.PostgreSql(database);
        await using var remote = await RemoteForge.StartAsync(settings);
        await using var local = await LocalSilo.StartAsync(SiloSettings.PostgreSql(database));
        await using var statements = await StatementCounter.StartAsync(database);

        run.Progress.Expect(sizes.Length * 2);
        List<Side> sides = [];
        foreach (var size in sizes)
        {
            var session = remote.Client.Session(string.Create(CultureInfo.InvariantCulture, $"grown-{size}"));
            await run.Progress.StepAsync($"grow: fill {size}", () => SessionSize.FillAsync(session, size, states));
            sides.AddRange(SidesOf(remote, session, size, states));
        }

        await new Contest(run, Prefix, plan) { Unit = "ms" }.RunAsync(sides);
        foreach (var size in sizes)
        {
            var session = remote.Client.Session(string.Create(CultureInfo.InvariantCulture, $"grown-{size}"));
            await run.Progress.StepAsync($"grow: count at {size}", async () =>
            {
                run.Report.Add(At("memory", size), "bytes", await HeldMemory.MeasureAsync(local.Services, session.Address));
                await CountAsync(run, statements, remote, session, size, states);
            });
        }

        foreach (var name in Operations.Append("memory").Concat(Operations.SelectMany(o => new[] { $"{o}.statements", $"{o}.pages" })))
        {
            run.Report.AddRatio($"{Prefix}.{name}", At(name, sizes[^1]), At(name, sizes[0]));
        }
    }

    private static string At(string name, int size) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}.{name}.{size}");

    private static IEnumerable<LatencySide> SidesOf(ForgeAccess access, SessionHandle session, int size, StatePool states) =>
        Operations.Select(operation => new LatencySide(At(operation, size), i => CallAsync(operation, access, session, i, size, states))
        {
            IsCompiledAsItRuns = size == 1000,
            Prepare = operation == "activation" ? _ => DeactivateAsync(access) : null,
        });

    private static Task CallAsync(string operation, ForgeAccess access, SessionHandle session, long number, int size, StatePool states) =>
        operation switch
        {
            "create" => session.CheckpointAsync(states.State(number), StatePool.Message(number)),
            "latest" => session.GetAsync(),

            // Pages from all over the session, not the newest alone.
            "page" => session.ListPageAsync(new CheckpointQuery { Limit = 100, Before = number * 7919 % (size - 200) + 150 }),
            _ => session.InfoAsync(),
        };

    private static async Task CountAsync(
        BenchmarkRun run, StatementCounter counter, ForgeAccess access, SessionHandle session, int size, StatePool states)
    {
        const int calls = 50;
        foreach (var operation in Operations)
        {
            await counter.ResetAsync();
            for (var i = 0; i < calls; i++)
            {
                if (operation == "activation")
                {
                    await DeactivateAsync(access);
                }

                await CallAsync(operation, access, session, i, size, states);
            }

            var (statements, pages) = await counter.ReadAsync();
            run.Report.Add(At($"{operation}.statements", size), "statements each", statements / (double)calls);
            run.Report.Add(At($"{operation}.pages", size), "pages touched each", pages / (double)calls);
        }
    }

    /// <summary>Ends every activation that nobody is using; the next call of the session makes a new one.</summary>
    private static Task DeactivateAsync(ForgeAccess access) =>
        access.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
}
