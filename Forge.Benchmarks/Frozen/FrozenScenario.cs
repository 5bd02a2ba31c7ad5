using System.Diagnostics;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;
using Forge.Checkpoints;
using Forge.Client;

namespace Forge.Benchmarks.Frozen;

/// <summary>
/// A worker process that is frozen while it holds the claim of a session and creates in it, whose work another one takes over and finishes
/// before it is thawed, again and again: how many of its writes come after the take-over, and how soon it is told.
/// </summary>
internal sealed class FrozenScenario : IScenario
{
    private const int Rounds = 200;
    private const int QuickRounds = 5;
    private const int MostCreates = 40;

    public string Name => "frozen";

    public string Summary => "a worker process frozen while it holds the claim: its writes after another one took over";

    public async Task RunAsync(BenchmarkRun run)
    {
        if (run.Arguments.Wants("frozen.postgresql"))
        {
            await RunAsync(run, "frozen.postgresql", SiloSettings.PostgreSql(await run.PostgreSql.CreateDatabaseAsync()), silos: 2);
        }

        if (run.Arguments.Wants("frozen.sqlite"))
        {
            await RunAsync(run, "frozen.sqlite", SiloSettings.Sqlite(run.NewFolder()), silos: 1);
        }

        if (run.Arguments.Wants(FrozenPeer.Name))
        {
            await FrozenPeer.RunAsync(run, RoundsOf(run), MostCreates);
        }
    }

    private static int RoundsOf(BenchmarkRun run) => run.Arguments.Rounds ?? (run.Arguments.Quick ? QuickRounds : Rounds);

    private static async Task RunAsync(BenchmarkRun run, string side, SiloSettings settings, int silos)
    {
        var rounds = RoundsOf(run);
        var random = new Random(rounds);
        var (late, before, told) = (0L, 0L, new List<double>());
        await using var forge = await RemoteForge.StartAsync(settings, silos);
        await using var worker = WorkerProcess.Start(settings, forge.GatewayPorts);
        run.Progress.Expect(rounds);
        for (var i = 0; i < rounds; i++)
        {
            await run.Progress.StepAsync(side, async () =>
            {
                var round = await FreezeOnceAsync(side, forge.Client.Session($"frozen-{i}"), worker, random.Next(1, MostCreates));
                (late, before) = (late + round.Late, before + round.Before);
                told.Add(round.Told.TotalMilliseconds);
            });
        }

        run.Report.Add($"{side}.rounds", "rounds", rounds);
        run.Report.Add($"{side}.before", "writes", before);
        run.Report.Add($"{side}.after", "writes", late);
        run.Report.AddSamples($"{side}.told-ms", "ms", told);
        if (late > 0)
        {
            throw new ValidationException(side, $"a worker that was superseded wrote {late} checkpoints");
        }
    }

    private static async Task<(long Before, long Late, TimeSpan Told)> FreezeOnceAsync(
        string side, SessionHandle session, WorkerProcess worker, int creates)
    {
        var acknowledged = new List<long>();
        await worker.BeginAsync(session.Address.Session.Value);
        while (acknowledged.Count < creates)
        {
            Take(await worker.NextAsync());
        }

        worker.Freeze();
        var second = await session.ClaimAsync("second");
        for (var n = 1; n <= 5; n++)
        {
            await second.CheckpointAsync(n, $"second {n}");
        }

        var thawed = Stopwatch.GetTimestamp();
        worker.Thaw();
        (string Step, string What) said;
        do
        {
            said = await worker.NextAsync();
            Take(said);
        }
        while (said.Step != FrozenWorker.Superseded);
        var told = Stopwatch.GetElapsedTime(thawed);
        if (said.What != "second")
        {
            throw new ValidationException(side, $"the worker was told of '{said.What}'");
        }

        await second.CheckpointAsync(6, "second 6");
        await second.ReleaseAsync();
        var (before, late) = await CountAsync(side, session, acknowledged);
        return (before, late, told);

        void Take((string Step, string What) step)
        {
            if (step.Step == FrozenWorker.Created)
            {
                acknowledged.Add(long.Parse(step.What, System.Globalization.CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>The worker's checkpoints before those of who took over, and behind the first of them.</summary>
    private static async Task<(long Before, long Late)> CountAsync(string side, SessionHandle session, List<long> acknowledged)
    {
        var (before, late, second, mine) = (0L, 0L, 0, new HashSet<long>());
        await foreach (var summary in session.ListAsync(new CheckpointQuery { Order = ListOrder.OldestFirst, Limit = 1000 }))
        {
            if (!summary.Message.StartsWith(FrozenWorker.Name, StringComparison.Ordinal))
            {
                second++;
                continue;
            }

            mine.Add(summary.Sequence);
            (before, late) = second == 0 ? (before + 1, late) : (before, late + 1);
        }

        return second == 6 && acknowledged.TrueForAll(mine.Contains)
            ? (before, late)
            : throw new ValidationException(side, $"session {session.Address} lacks what was acknowledged");
    }
}
