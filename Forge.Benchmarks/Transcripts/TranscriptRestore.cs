using Forge.Benchmarks.Latency;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;
using Forge.Checkpoints;
using Forge.History.Deltas;
using Forge.History.PostgreSql;
using Forge.History.Stores;
using Forge.History.Writing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Benchmarks.Transcripts;

/// <summary>How long it takes to have the state of any step, steps from all over the conversation in turn.</summary>
internal static class TranscriptRestore
{
    private const string Store = "transcript.restore.store";
    private const string Remote = "transcript.restore.remote";
    private const string Raw = "transcript.restore.raw";
    private const string RawUncompressed = "transcript.restore.raw-uncompressed";

    /// <summary>Coprime with the number of steps, so that every step has its turn.</summary>
    private const long Stride = 7919;

    public static async Task RunAsync(BenchmarkRun run, Transcript transcript)
    {
        if (!run.Arguments.WantsAny("transcript.restore"))
        {
            return;
        }

        var server = run.PostgreSql;
        var database = await server.CreateDatabaseAsync();
        await using var remote = await RemoteForge.StartAsync(SiloSettings.PostgreSql(database));
        var session = remote.Client.Session(transcript.Name);
        var states = transcript.States();
        await ForgeTranscript.WriteAsync(session, states);
        await ForgeTranscript.ExpectAsync(Remote, session, transcript);

        await using var store = new PostgreSqlHistoryStore(
            database, new WriterOptions(), allowUnsafeDurability: false, TimeProvider.System, NullLogger<PostgreSqlHistoryStore>.Instance);
        await store.StartAsync(CancellationToken.None);
        await using var raw = await PlainTable.CreateAsync(server, compressed: true);
        await raw.CopyAsync(0, states);
        await using var uncompressed = await PlainTable.CreateAsync(server, compressed: false);
        await uncompressed.CopyAsync(0, states);

        LatencySide[] sides =
        [
            SideOf(Store, async step =>
            {
                var read = await store.Reads.ReadCheckpointAsync(
                    session.Address, CheckpointReference.BySequence(step + 1), CheckpointParts.All, CancellationToken.None);
                return CheckpointReader.ToCheckpoint(session.Address, read.Value!).State.Length;
            }),
            SideOf(Remote, async step => (await session.GetAsync(step + 1))!.State.Length),
            SideOf(Raw, async step => (await raw.ReadAsync(0, step)).Length),
            SideOf(RawUncompressed, async step => (await uncompressed.ReadAsync(0, step)).Length),
        ];
        await new Contest(run, "transcript", run.Rounds(5, 1)) { Unit = "ms" }.RunAsync(sides);
        LatencySide.ReportTails(run, sides);
        run.Report.AddRatio("transcript.restore", $"{Store}.p95", $"{Raw}.p95");
        run.Report.AddRatio("transcript.restore.remote", $"{Remote}.p95", $"{Raw}.p95");
        run.Report.AddRatio("transcript.restore.uncompressed", $"{Store}.p95", $"{RawUncompressed}.p95");

        LatencySide SideOf(string name, Func<int, Task<int>> read) => new($"{name}.p50", async call =>
        {
            var step = (int)(call * Stride % states.Length);
            if (await read(step) != states[step].Length)
            {
                throw new ValidationException(name, $"step {step} has not the length that was saved");
            }
        })
        {
            IsCompiledAsItRuns = true,
        };
    }
}
