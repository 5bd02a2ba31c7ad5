using Forge.Benchmarks.Baselines;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;
using HttpSilo = Forge.Testing.Processes.SiloProcess;

namespace Forge.Benchmarks.Appending;

/// <summary>How many checkpoints a second are saved.</summary>
internal sealed class AppendScenario : IScenario
{
    private const string Unit = "checkpoints/s";
    private const string PostgreSql = "append.postgresql";
    private const string Sqlite = "append.sqlite";

    private static readonly Shape Many = new(200, 200);
    private static readonly Shape OneSession = new(1, 20);
    private static readonly Shape[] OtherShapes = [new(1, 1), new(20, 20), new(1000, 1000)];

    public string Name => "append";

    public string Summary => "checkpoints saved a second, beside raw inserts and designs on stock grain storage";

    public async Task RunAsync(BenchmarkRun run)
    {
        var plan = run.Rounds(5, 2);
        var states = new StatePool(2048, StateKind.Random);
        StatePool[] others =
        [
            new(256, StateKind.Random), new(16 * 1024, StateKind.Random), new(256, StateKind.Json), new(2048, StateKind.Json),
            new(16 * 1024, StateKind.Json),
        ];

        if (run.Arguments.WantsAny(PostgreSql))
        {
            await PostgreSqlShapesAsync(run, plan, states);
            await PostgreSqlStatesAsync(run, plan, others);
        }

        if (run.Arguments.WantsAny(Sqlite))
        {
            await SqliteAsync(run, plan, states, others);
        }
    }

    private static async Task PostgreSqlShapesAsync(BenchmarkRun run, RoundPlan plan, StatePool states)
    {
        var server = run.PostgreSql;
        await using var local = await LocalSilo.StartAsync(SiloSettings.PostgreSql(await server.CreateDatabaseAsync()));
        await using var remote = run.Arguments.WantsAny($"{PostgreSql}.remote")
            ? await RemoteForge.StartAsync(SiloSettings.PostgreSql(await server.CreateDatabaseAsync()))
            : null;
        var settings = SiloSettings.PostgreSql(await server.CreateDatabaseAsync());
        await using var http = run.Arguments.WantsAny($"{PostgreSql}.http") ? await HttpSilo.StartAsync(settings.Arguments()) : null;
        await using var sink = run.Arguments.WantsAny($"{PostgreSql}.told") ? await TelemetrySink.StartAsync() : null;
        var toldSettings = SiloSettings.PostgreSql(await server.CreateDatabaseAsync());
        await using var told = sink is null ? null : await HttpSilo.StartAsync([.. toldSettings.Arguments(), .. sink.Settings]);
        Func<TimeSpan>?[] silos = [remote is null ? null : remote.SilosProcessorTime, http is null ? null : http.ProcessorTime, told is null ? null : told.ProcessorTime];
        var meter = new ProcessorMeter(server, [.. silos.OfType<Func<TimeSpan>>()]);
        var contest = new Contest(run, "PostgreSQL", plan) { Unit = Unit, Meter = meter };
        await contest.RunAsync(
        [
            Forge(PostgreSql, local, Many, states),
            .. remote is null ? [] : new[] { Forge(PostgreSql, remote, Many, states) },
            .. http is null ? [] : new[] { Http("http", http, settings, states) },
            .. told is null ? [] : new[] { Http("told", told, toldSettings, states) },
            Forge(PostgreSql, local, OneSession, states), Branches(PostgreSql, local, states),
            .. OtherShapes.Select(shape => Forge(PostgreSql, local, shape, states)),
            Unnest(1000), Unnest(200), Unnest(20),
            new CopyAppend($"{PostgreSql}.copy-1000.{states.Label}", server, 1000, Many.Sessions, states),
            new InsertAppend($"{PostgreSql}.insert.{states.Label}", server, Many.Sessions, states),
            new StoreAppend($"{PostgreSql}.store-200.{states.Label}", server, Many.Sessions, states) { IsCompiledAsItRuns = true },
            new StoreAppend($"{PostgreSql}.store-10.{states.Label}", server, sessions: 10, states),
            new StoreAppend($"{PostgreSql}.store-1.{states.Label}", server, sessions: 1, states),
            new AdoNetAppend<ITwoStateSession>($"{PostgreSql}.two-state.{Many}.{states.Label}", local.Grains, Many, states),
            new AdoNetAppend<IWholeListSession>($"{PostgreSql}.whole-list.{OneSession}.{states.Label}", local.Grains, OneSession, states),
        ]);

        var report = run.Report;
        var (many, one) = ($"{PostgreSql}.local.{Many}.{states.Label}", $"{PostgreSql}.local.{OneSession}.{states.Label}");
        report.AddRatio($"{PostgreSql}.local", many, $"{PostgreSql}.unnest-1000.{states.Label}");
        report.AddRatio($"{PostgreSql}.remote", $"{PostgreSql}.remote.{Many}.{states.Label}", $"{PostgreSql}.unnest-1000.{states.Label}");
        report.AddRatio($"{PostgreSql}.http", $"{PostgreSql}.http.{Many}.{states.Label}", $"{PostgreSql}.remote.{Many}.{states.Label}");
        report.AddRatio($"{PostgreSql}.told", $"{PostgreSql}.told.{Many}.{states.Label}", $"{PostgreSql}.http.{Many}.{states.Label}");
        report.AddRatio($"{PostgreSql}.one-session", one, many);
        report.AddRatio($"{PostgreSql}.branches", $"{PostgreSql}.local.branches.{states.Label}", one);
        report.AddRatio($"{PostgreSql}.two-state", many, $"{PostgreSql}.two-state.{Many}.{states.Label}");
        report.AddRatio($"{PostgreSql}.whole-list", one, $"{PostgreSql}.whole-list.{OneSession}.{states.Label}");

        UnnestAppend Unnest(int batch) => new($"{PostgreSql}.unnest-{batch}.{states.Label}", server, batch, Many.Sessions, states);
    }

    private static async Task PostgreSqlStatesAsync(BenchmarkRun run, RoundPlan plan, IReadOnlyList<StatePool> pools)
    {
        var server = run.PostgreSql;
        await using var local = await LocalSilo.StartAsync(SiloSettings.PostgreSql(await server.CreateDatabaseAsync()));
        await new Contest(run, "PostgreSQL states", plan) { Unit = Unit, Meter = new ProcessorMeter(server) }.RunAsync(
        [
            .. pools.SelectMany(states => new Side[]
            {
                Forge(PostgreSql, local, Many, states),
                new UnnestAppend($"{PostgreSql}.unnest-1000.{states.Label}", server, 1000, Many.Sessions, states),
            }),
        ]);
        foreach (var states in pools)
        {
            run.Report.AddRatio(
                $"{PostgreSql}.local.{states.Label}", $"{PostgreSql}.local.{Many}.{states.Label}", $"{PostgreSql}.unnest-1000.{states.Label}");
        }
    }

    private static async Task SqliteAsync(BenchmarkRun run, RoundPlan plan, StatePool states, IReadOnlyList<StatePool> others)
    {
        await using var local = await LocalSilo.StartAsync(SiloSettings.Sqlite(run.NewFolder()));
        await new Contest(run, "SQLite", plan) { Unit = Unit, Meter = new ProcessorMeter(server: null) }.RunAsync(
        [
            Forge(Sqlite, local, Many, states),
            Forge(Sqlite, local, OneSession, states), Branches(Sqlite, local, states),
            .. OtherShapes.Select(shape => Forge(Sqlite, local, shape, states)),
            Insert(1000, states), Insert(1, states),
            new AdoNetAppend<ITwoStateSession>($"{Sqlite}.two-state.{Many}.{states.Label}", local.Grains, Many, states),
            .. others.SelectMany(pool => new Side[] { Forge(Sqlite, local, Many, pool), Insert(1000, pool) }),
        ]);
        var many = $"{Sqlite}.local.{Many}.{states.Label}";
        run.Report.AddRatio($"{Sqlite}.local", many, $"{Sqlite}.insert-1000.{states.Label}");
        run.Report.AddRatio($"{Sqlite}.one-session", $"{Sqlite}.local.{OneSession}.{states.Label}", many);
        run.Report.AddRatio($"{Sqlite}.branches", $"{Sqlite}.local.branches.{states.Label}", $"{Sqlite}.local.{OneSession}.{states.Label}");
        run.Report.AddRatio($"{Sqlite}.two-state", many, $"{Sqlite}.two-state.{Many}.{states.Label}");

        SqliteInsertAppend Insert(int batch, StatePool pool) =>
            new($"{Sqlite}.insert-{batch}.{pool.Label}", run.NewFolder(), batch, Many.Sessions, pool);
    }

    private static HttpAppend Http(string side, HttpSilo silo, SiloSettings settings, StatePool states) =>
        new($"{PostgreSql}.{side}.{Many}.{states.Label}", silo, settings, Many, states) { IsCompiledAsItRuns = true };

    private static BranchAppend Branches(string database, LocalSilo silo, StatePool states) =>
        new($"{database}.local.branches.{states.Label}", silo, OneSession.Callers, states);

    private static ForgeAppend Forge(string database, ForgeAccess access, Shape shape, StatePool states) =>
        new($"{database}.{(access is LocalSilo ? "local" : "remote")}.{shape}.{states.Label}", access, shape, states)
        {
            IsCompiledAsItRuns = shape == Many && states is { Size: 2048, Kind: StateKind.Random },
        };
}
