using System.Text.Json;
using Forge.Benchmarks.Peers;
using Forge.Benchmarks.Runs;

namespace Forge.Benchmarks.Frozen;

/// <summary>
/// The same for LangGraph.js: a process that saves in a thread through its <c>PostgresSaver</c> is frozen, another goes on from the newest
/// checkpoint and saves five, and the first is thawed and saves on. Nothing tells it, so that it is stopped after a few.
/// </summary>
internal static class FrozenPeer
{
    public const string Name = "frozen.langgraph";

    private const string First = "first";
    private const string Second = "second";
    private const int SavedBySecond = 5;

    /// <summary>How many it may save once it is thawed, which it would do for ever.</summary>
    private const int SavedLate = 5;

    /// <summary>What the second worker does in milliseconds, if nothing that the frozen one holds is in its way.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Runs, or notes why it cannot be done here.</summary>
    public static async Task RunAsync(BenchmarkRun run, int rounds, int mostBefore)
    {
        try
        {
            var database = await run.PostgreSql.CreateDatabaseAsync();
            string? folder = null;
            run.Progress.Expect(rounds + 1);
            await run.Progress.StepAsync($"{Name}: install", async () => folder = await PeerSources.InstallLangGraphAsync(run, "frozen.mjs"));
            await using var first = await PeerSources.StartLangGraphAsync(folder!, database, "frozen.mjs", First);
            await using var second = await PeerSources.StartLangGraphAsync(folder!, database, "frozen.mjs", Second);
            var random = new Random(rounds);
            var (before, late, buried, mixed, waited) = (0L, 0L, 0L, 0L, 0L);
            for (var i = 0; i < rounds; i++)
            {
                var thread = $"frozen-{i}";
                await run.Progress.StepAsync(
                    Name, async () => waited += await FreezeOnceAsync(first, second, thread, random.Next(1, mostBefore)) ? 1 : 0);
                var saved = await second.AskAsync(JsonSerializer.Serialize(new { check = thread }));
                var workers = saved.GetProperty("workers").EnumerateArray().Select(worker => worker.GetString()).ToList();
                mixed += saved.GetProperty("mixed").GetInt64();
                var takeOver = workers.IndexOf(Second);
                if (takeOver < 0 || workers.Count(w => w == Second) != SavedBySecond)
                {
                    throw new ValidationException(Name, $"thread {thread} lacks what the second worker saved");
                }

                before += takeOver;
                late += workers.Skip(takeOver).Count(w => w == First);
                buried += workers[^1] == First ? 1 : 0;
            }

            run.Report.Add($"{Name}.rounds", "rounds", rounds);
            run.Report.Add($"{Name}.before", "writes", before);
            run.Report.Add($"{Name}.after", "writes", late);
            run.Report.Add($"{Name}.buried", "rounds", buried);
            run.Report.Add($"{Name}.mixed", "checkpoints", mixed);
            run.Report.Add($"{Name}.waited", "rounds", waited);
            run.Report.Note(
                $"{Name}: a saver of LangGraph.js has no claim. The thawed worker is told nothing, saves on, and is stopped after {SavedLate} more. " +
                "Buried are rounds in which the newest checkpoint of the thread is one of its own, so that what the second worker did is not in what is read next. " +
                "Mixed are checkpoints that show a state which the other worker saved under the same version. Waited are rounds in which the second worker " +
                $"could not go on for {Patience.TotalSeconds} s for what the frozen one held locked, and the first was thawed before.");
        }
        catch (PeerMissingException exception)
        {
            run.Report.Note($"{Name} was left out: {exception.Message}");
        }
    }

    /// <returns>True if the second worker had to wait for the first to be thawed.</returns>
    private static async Task<bool> FreezeOnceAsync(PeerProgram first, PeerProgram second, string thread, int saves)
    {
        await first.TellAsync(JsonSerializer.Serialize(new { thread }));
        await NextAsync(first, saves);
        StoppedProcess.Freeze(first.Process);
        await second.TellAsync(JsonSerializer.Serialize(new { thread, steps = SavedBySecond }));
        var finished = FinishAsync(second);
        var waited = await Task.WhenAny(finished, Task.Delay(Patience, TimeProvider.System)) != finished;
        StoppedProcess.Thaw(first.Process);
        await finished;
        await NextAsync(first, SavedLate);
        await first.TellAsync("""{"stop": true}""");
        await FinishAsync(first);
        return waited;
    }

    private static async Task FinishAsync(PeerProgram worker)
    {
        while (!(await worker.NextAsync()).TryGetProperty("done", out _))
        {
        }
    }

    private static async Task NextAsync(PeerProgram worker, int saves)
    {
        for (var i = 0; i < saves; i++)
        {
            await worker.NextAsync();
        }
    }
}
