using System.Globalization;
using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Latency;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;
using Forge.Identity;
using Npgsql;

namespace Forge.Benchmarks.Sessions;

/// <summary>What one session costs when the store holds many others.</summary>
internal sealed class SessionsScenario : IScenario
{
    private const string Prefix = "sessions";

    private static readonly string[] Operations = ["create", "activation", "page"];

    public string Name => Prefix;

    public string Summary => "create, activate and list by prefix with 1,000 to 1,000,000 sessions in the store";

    public async Task RunAsync(BenchmarkRun run)
    {
        int[] sizes = run.Arguments.Quick ? [1000, 20_000] : [1000, 1_000_000];
        var plan = run.Rounds(9, 0.5);
        List<Side> sides = [];
        List<RemoteForge> silos = [];
        List<NpgsqlConnection> connections = [];
        try
        {
            run.Progress.Expect(sizes.Length);
            foreach (var size in sizes)
            {
                await run.Progress.StepAsync($"sessions: fill {size}", async () =>
                {
                    var settings = SiloSettings.PostgreSql(await run.PostgreSql.CreateDatabaseAsync());
                    var silo = await RemoteForge.StartAsync(settings);
                    silos.Add(silo);
                    var connection = new NpgsqlConnection(settings.Place);
                    connections.Add(connection);
                    await connection.OpenAsync();
                    await ManySessions.FillAsync(connection, size);
                    sides.AddRange(SidesOf(silo, connection, size));
                });
            }

            await new Contest(run, Prefix, plan) { Unit = "ms" }.RunAsync(sides);
        }
        finally
        {
            foreach (var silo in silos)
            {
                await silo.DisposeAsync();
            }

            foreach (var connection in connections)
            {
                await connection.DisposeAsync();
            }
        }

        foreach (var operation in Operations)
        {
            run.Report.AddRatio($"{Prefix}.{operation}", At(operation, sizes[^1]), At(operation, sizes[0]));
        }
    }

    private static string At(string operation, int size) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}.{operation}.{size}");

    private static LatencySide[] SidesOf(ForgeAccess silo, NpgsqlConnection connection, int size)
    {
        var states = new StatePool(2048, StateKind.Random);
        var tenant = silo.Client.Tenant(TenantId.Default);
        var (activated, created) = (0L, 0L);
        return
        [
            // A hundred sessions all over the store, which are active after the first round.
            new(At("create", size), i =>
            {
                created++;
                return silo.Client.Session(ManySessions.Name(i % 100 * (size / 100))).CheckpointAsync(states.State(i), StatePool.Message(i));
            })
            {
                IsCompiledAsItRuns = true,
                Validate = () => ManySessions.ValidateAsync(connection, At("create", size), size + created),
            },

            // By a stride that meets another one each time; every so often all activations are ended, so that none is met active.
            new(At("activation", size), async _ =>
            {
                var number = activated++ * 7919 % size;
                if (await silo.Client.Session(ManySessions.Name(number)).InfoAsync() is null)
                {
                    throw new ValidationException(At("activation", size), $"session {number} is not there");
                }
            })
            {
                Prepare = i => i % 500 == 0
                    ? silo.Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero)
                    : Task.CompletedTask,
            },
            new(At("page", size), i => ManySessions.ListAsync(tenant, i * 7919 % size)) { IsCompiledAsItRuns = true },
        ];
    }
}
