using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Baselines;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;
using Forge.Benchmarks.Validation;
using Forge.Checkpoints;
using Npgsql;

namespace Forge.Benchmarks.Latency;

/// <summary>How long one awaited call takes while nobody else calls.</summary>
internal sealed class LatencyScenario : IScenario
{
    private const string Unit = "ms";

    /// <summary>How many checkpoints the session has that reads go to.</summary>
    private const int Filled = 1000;

    public string Name => "latency";

    public string Summary => "one awaited create, latest, get, list of 100 and restore, beside one raw INSERT and SELECT";

    public async Task RunAsync(BenchmarkRun run)
    {
        var plan = run.Rounds(5, 1);
        var states = new StatePool(2048, StateKind.Random);
        await PostgreSqlAsync(run, plan, states);
        if (run.Arguments.WantsAny("latency.sqlite"))
        {
            await using var sqlite = await RemoteForge.StartAsync(SiloSettings.Sqlite(run.NewFolder()));
            var sides = await ForgeSidesAsync("latency.sqlite", sqlite, states);
            await new Contest(run, "SQLite", plan) { Unit = Unit }.RunAsync(sides);
            LatencySide.ReportTails(run, sides);
        }
    }

    private static async Task PostgreSqlAsync(BenchmarkRun run, RoundPlan plan, StatePool states)
    {
        const string prefix = "latency.postgresql";
        if (!run.Arguments.WantsAny(prefix))
        {
            return;
        }

        var server = run.PostgreSql;
        await using var remote = await RemoteForge.StartAsync(SiloSettings.PostgreSql(await server.CreateDatabaseAsync()));
        await using var local = await LocalSilo.StartAsync(SiloSettings.PostgreSql(await server.CreateDatabaseAsync()));
        await using var raw = new InsertAppend("raw", server, sessions: 1, states);
        await raw.PrepareAsync();
        await raw.WriteOneAsync();
        await using var select = new NpgsqlCommand(
            "SELECT message, checksum, stored FROM checkpoints WHERE session_key = 1 AND sequence = $1", raw.Open)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = 1 } },
        };
        await select.PrepareAsync();

        LatencySide[] sides =
        [
            .. await ForgeSidesAsync(prefix, remote, states),
            .. await ForgeSidesAsync($"{prefix}.local", local, states),
            new($"{prefix}.raw-insert.p50", _ => raw.WriteOneAsync()) { Validate = raw.ValidateAsync },
            new($"{prefix}.raw-select.p50", _ => SelectAsync(select)),
        ];
        await new Contest(run, "PostgreSQL", plan) { Unit = Unit }.RunAsync(sides);
        LatencySide.ReportTails(run, sides);
        run.Report.AddRatio("latency.create", $"{prefix}.create.p50", $"{prefix}.raw-insert.p50");
        run.Report.AddRatio("latency.create.local", $"{prefix}.local.create.p50", $"{prefix}.raw-insert.p50");
        run.Report.AddRatio("latency.get", $"{prefix}.get.p50", $"{prefix}.raw-select.p50");
        run.Report.AddRatio("latency.latest", $"{prefix}.latest.p50", $"{prefix}.raw-select.p50");
        run.Report.AddRatio("latency.latest.local", $"{prefix}.local.latest.p50", $"{prefix}.raw-select.p50");
    }

    private static async Task<LatencySide[]> ForgeSidesAsync(string prefix, ForgeAccess access, StatePool states)
    {
        var (written, read, restored) = (access.Client.Session("written"), access.Client.Session("read"), access.Client.Session("restored"));
        foreach (var session in new[] { read, restored })
        {
            await session.CheckpointBatchAsync([.. Enumerable.Range(0, Filled).Select(i => new NewCheckpoint
            {
                Message = StatePool.Message(i),
                State = states.State(i),
            })]);
        }

        var create = new Counted();
        var restores = new Counted();
        return
        [
            new($"{prefix}.create.p50", async i =>
            {
                await written.CheckpointAsync(states.State(i), StatePool.Message(i));
                create.Value++;
            })
            {
                IsCompiledAsItRuns = true,
                Validate = () => SessionCheck.RunAsync($"{prefix}.create", written, create.Value, states.Matches),
            },
            new($"{prefix}.latest.p50", async _ => Expect(prefix, await read.GetAsync(), Filled, states)) { IsCompiledAsItRuns = true },
            new($"{prefix}.get.p50", async i => Expect(prefix, await read.GetAsync(i % Filled + 1), i % Filled + 1, states)),
            new($"{prefix}.list-100.p50", async i =>
            {
                var page = await read.ListPageAsync(new CheckpointQuery { Limit = 100, Before = i % (Filled - 100) + 102 });
                if (page.Items.Count != 100 || page.Items[0].Sequence != i % (Filled - 100) + 101)
                {
                    throw new ValidationException(prefix, "a page does not hold what it should");
                }
            }),
            new($"{prefix}.restore.p50", async i =>
            {
                Expect(prefix, (await restored.RestoreAsync(i % Filled + 1)).Checkpoint!, i % Filled + 1, states);
                restores.Value++;
            })
            {
                Validate = async () =>
                {
                    if (await restored.InfoAsync() is not { } info || info.Version != restores.Value + 1)
                    {
                        throw new ValidationException(prefix, "not every restore was recorded");
                    }
                },
            },
        ];
    }

    private static void Expect(string side, Checkpoint? found, long sequence, StatePool states)
    {
        if (found?.Summary.Sequence != sequence || !states.Matches(found.Summary.Message, found.State.Span))
        {
            throw new ValidationException(side, $"checkpoint {sequence} is not what was saved");
        }
    }

    private static async Task SelectAsync(NpgsqlCommand select)
    {
        await using var reader = await select.ExecuteReaderAsync();
        await reader.ReadAsync();
        await reader.GetFieldValueAsync<byte[]>(2);
    }

    private sealed class Counted
    {
        public long Value { get; set; }
    }
}
