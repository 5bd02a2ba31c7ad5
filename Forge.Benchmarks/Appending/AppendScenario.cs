using Forge.Benchmarks.Baselines;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;

namespace Forge.Benchmarks.Appending;

/// <summary>How many checkpoints a second are saved.</summary>
internal sealed class AppendScenario : IScenario
{
    private const string Unit = "checkpoints/s";

    private static readonly Shape Many = new(200, 200);
    private static readonly Shape OneSession = new(1, 20);

    public string Name => "append";

    public string Summary => "checkpoints saved a second, beside raw inserts and designs on stock grain storage";

    public async Task RunAsync(BenchmarkRun run)
    {
        var plan = run.Rounds(5, 2);
        await PostgreSqlAsync(run, plan);
    }

    private static async Task PostgreSqlAsync(BenchmarkRun run, RoundPlan plan)
    {
        const string database = "append.postgresql";
        var server = run.PostgreSql;
        var states = new StatePool(2048, StateKind.Random);
        await using var local = await LocalSilo.StartAsync(SiloSettings.PostgreSql(await server.CreateDatabaseAsync()));

        Side[] sides =
        [
            Forge(Many), Forge(OneSession), Forge(new(1, 1)), Forge(new(20, 20)), Forge(new(1000, 1000)),
            new UnnestAppend($"{database}.unnest-1000.{states.Label}", server, 1000, Many.Sessions, states),
            new UnnestAppend($"{database}.unnest-200.{states.Label}", server, 200, Many.Sessions, states),
            new UnnestAppend($"{database}.unnest-20.{states.Label}", server, 20, Many.Sessions, states),
            new CopyAppend($"{database}.copy-1000.{states.Label}", server, 1000, Many.Sessions, states),
            new InsertAppend($"{database}.insert.{states.Label}", server, Many.Sessions, states),
            new AdoNetAppend<ITwoStateSession>($"{database}.two-state.{Many}.{states.Label}", local.Grains, Many, states),
            new AdoNetAppend<IWholeListSession>($"{database}.whole-list.{OneSession}.{states.Label}", local.Grains, OneSession, states),
        ];
        await Contest.RunAsync(run, "PostgreSQL", Unit, plan, sides, new ProcessorMeter(() => server.ProcessorTime));

        var report = run.Report;
        var many = $"{database}.local.{Many}.{states.Label}";
        report.AddRatio($"{database}.local", many, $"{database}.unnest-1000.{states.Label}");
        report.AddRatio($"{database}.one-session", $"{database}.local.{OneSession}.{states.Label}", many);
        report.AddRatio($"{database}.one-caller", $"{database}.local.1x1.{states.Label}", many);
        report.AddRatio($"{database}.two-state", many, $"{database}.two-state.{Many}.{states.Label}");

        ForgeAppend Forge(Shape shape) => new($"{database}.local.{shape}.{states.Label}", local, shape, states);
    }
}
