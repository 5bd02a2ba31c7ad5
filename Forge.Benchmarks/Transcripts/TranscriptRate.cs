using System.Diagnostics;
using System.Globalization;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;
using Forge.Client;
using Forge.Testing.PostgreSql;

namespace Forge.Benchmarks.Transcripts;

/// <summary>
/// Steps a second. A round is not bounded by time but is whole conversations from the first step to the last, since a step
/// costs what the conversation has grown to.
/// </summary>
internal static class TranscriptRate
{
    public const string Local = "transcript.rate.local";
    public const string Remote = "transcript.rate.remote";
    public const string Copy = "transcript.rate.copy";
    public const string CopyUncompressed = "transcript.rate.copy-uncompressed";

    public static async Task RunAsync(BenchmarkRun run, Transcript transcript)
    {
        if (!run.Arguments.WantsAny("transcript.rate"))
        {
            return;
        }

        var server = run.PostgreSql;
        var sessions = run.Arguments.Quick ? 2 : 8;
        var states = transcript.States();
        await using var local = await LocalSilo.StartAsync(SiloSettings.PostgreSql(await server.CreateDatabaseAsync()));
        await using var remote = await RemoteForge.StartAsync(SiloSettings.PostgreSql(await server.CreateDatabaseAsync()));
        await new Contest(run, "transcript", run.Rounds(5, 2)) { Unit = "steps/s", Meter = new ProcessorMeter(server, remote.SilosProcessorTime) }.RunAsync(
        [
            new ForgeSide(Remote, remote, transcript, states, sessions) { IsCompiledAsItRuns = true },
            new ForgeSide(Local, local, transcript, states, sessions) { IsCompiledAsItRuns = true },
            new CopySide(Copy, server, compressed: true, transcript, states),
            new CopySide(CopyUncompressed, server, compressed: false, transcript, states),
        ]);
        run.Report.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"transcript.rate: Forge writes {sessions} sessions at once with a caller each, over sockets, each step awaited; COPY writes one conversation after another over one connection, each in one transaction. Every step of the last round is read back, and each 25th of the others."));
    }

    /// <summary>So many conversations at once, each in a new session with a caller of its own.</summary>
    private sealed class ForgeSide(string name, ForgeAccess access, Transcript transcript, byte[][] states, int sessions) : Side(name)
    {
        /// <summary>To read every step of all rounds back takes longer than the rounds did.</summary>
        private const int EarlierStride = 25;

        private readonly List<SessionHandle> _written = [];

        public override async Task<double> RunAsync(TimeSpan duration)
        {
            var round = Enumerable.Range(_written.Count, sessions).Select(i => access.Client.Session($"{Name}-{i}")).ToList();
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(round.Select(session => Task.Run(() => ForgeTranscript.WriteAsync(session, states))));
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            _written.AddRange(round);
            return sessions * states.Length / seconds;
        }

        public override Task ValidateAsync() => Parallel.ForEachAsync(
            _written.Index(), async (written, _) => await ForgeTranscript.ExpectAsync(
                Name, written.Item, transcript, written.Index >= _written.Count - sessions ? 1 : EarlierStride));
    }

    private sealed class CopySide(string name, DatabaseServer server, bool compressed, Transcript transcript, byte[][] states) : Side(name)
    {
        private const int Sessions = 2;

        private PlainTable? _table;

        private PlainTable Table => _table ?? throw new InvalidOperationException("It was not prepared.");

        public override async Task PrepareAsync() => _table = await PlainTable.CreateAsync(server, compressed);

        public override async Task<double> RunAsync(TimeSpan duration)
        {
            await Table.TruncateAsync();
            var start = Stopwatch.GetTimestamp();
            for (var session = 0; session < Sessions; session++)
            {
                await Table.CopyAsync(session, states);
            }

            return Sessions * states.Length / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        public override async Task ValidateAsync()
        {
            for (var session = 0; session < Sessions; session++)
            {
                for (var step = 0; step < states.Length; step++)
                {
                    transcript.Expect(Name, step, await Table.ReadAsync(session, step));
                }
            }
        }

        public override async ValueTask DisposeAsync()
        {
            if (_table is not null)
            {
                await _table.DisposeAsync();
            }

            await base.DisposeAsync();
        }
    }
}
