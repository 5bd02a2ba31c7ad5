using System.Globalization;
using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Databases;
using Forge.Benchmarks.Growth;
using Forge.Benchmarks.Latency;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;
using Forge.Benchmarks.Transcripts;
using Forge.Checkpoints;
using Forge.Client;

namespace Forge.Benchmarks.Forks;

/// <summary>What a fork costs: of a long session beside a short one, and with its history beside the session itself.</summary>
internal sealed class ForkScenario : IScenario
{
    private const string Prefix = "fork";

    private static readonly string[] Databases = ["postgresql", "sqlite"];

    public string Name => Prefix;

    public string Summary => "time and bytes of a fork of a session of 100 and of 100,000 checkpoints, and bytes of one with its history";

    public async Task RunAsync(BenchmarkRun run)
    {
        int[] sizes = run.Arguments.Quick ? [100, 3000] : [100, 100_000];
        foreach (var database in Databases)
        {
            await MeasureBySizeAsync(run, database, sizes);
            await MeasureHistoryAsync(run, database);
            run.Report.AddRatio($"{Prefix}.{database}.ms", At(database, "ms", sizes[1]), At(database, "ms", sizes[0]));
            run.Report.AddRatio($"{Prefix}.{database}.bytes", At(database, "bytes", sizes[1]), At(database, "bytes", sizes[0]));
            run.Report.AddRatio($"{Prefix}.{database}.history-bytes", Added(database), Origin(database));
        }
    }

    private static string At(string database, string what, int size) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}.{database}.{what}.{size}");

    private static string Origin(string database) => $"{Prefix}.{database}.origin-bytes";

    private static string Added(string database) => $"{Prefix}.{database}.history-added-bytes";

    private static async Task<SiloSettings> SettingsAsync(BenchmarkRun run, string database) => database == Databases[0]
        ? SiloSettings.PostgreSql(await run.PostgreSql.CreateDatabaseAsync())
        : SiloSettings.Sqlite(run.NewFolder());

    private static async Task MeasureBySizeAsync(BenchmarkRun run, string database, int[] sizes)
    {
        var settings = await SettingsAsync(run, database);
        await using var silo = await LocalSilo.StartAsync(settings);
        var states = new StatePool(256, StateKind.Random);
        run.Progress.Expect(sizes.Length * 2);
        List<Side> sides = [];
        foreach (var size in sizes)
        {
            var session = silo.Client.Session($"long-{size}");
            await run.Progress.StepAsync($"fork: fill {size} on {database}", () => SessionSize.FillAsync(session, size, states));
            sides.Add(new LatencySide(At(database, "ms", size), _ => ForkAsync(session))
            {
                IsCompiledAsItRuns = size == sizes[0],
                Validate = () => ExpectAsync(silo, session, size),
            });
        }

        await new Contest(run, Prefix, run.Rounds(9, 1)) { Unit = "ms" }.RunAsync(sides);

        // By so many that what a database adds by whole pages does not count.
        var forks = run.Arguments.Quick ? 100 : 2000;
        foreach (var size in sizes)
        {
            await run.Progress.StepAsync($"fork: bytes at {size} on {database}", async () =>
            {
                var (session, before) = (silo.Client.Session($"long-{size}"), await HistorySize.ReadAsync(settings));
                for (var i = 0; i < forks; i++)
                {
                    await ForkAsync(session);
                }

                run.Report.Add(At(database, "bytes", size), "bytes each", (await HistorySize.ReadAsync(settings) - before) / (double)forks);
            });
        }
    }

    private static async Task MeasureHistoryAsync(BenchmarkRun run, string database)
    {
        var settings = await SettingsAsync(run, database);
        await using var silo = await LocalSilo.StartAsync(settings);
        var transcript = Transcript.Of("made", MadeConversation.Make(run.Arguments.Quick ? 100 : 500));
        var session = silo.Client.Session("origin");
        run.Progress.Expect(1);
        await run.Progress.StepAsync($"fork: with history on {database}", async () =>
        {
            var empty = await HistorySize.ReadEmptyAsync(settings);
            await ForgeTranscript.WriteAsync(session, Enumerable.Range(0, transcript.Steps).Select(transcript.State));
            var full = await HistorySize.ReadAsync(settings);
            await session.ForkAsync(CheckpointReference.Latest, "fork", withHistory: true);
            run.Report.Add(Origin(database), "bytes", full - empty);
            run.Report.Add(Added(database), "bytes", await HistorySize.ReadAsync(settings) - full);
            await ForgeTranscript.ExpectAsync(Prefix, silo.Client.Session("fork"), transcript);
            if (!(await silo.Client.Session("fork").VerifyAsync()).IsIntact)
            {
                throw new ValidationException(Prefix, "the fork with its history does not verify");
            }
        });
    }

    private static async Task<SessionHandle> ForkAsync(SessionHandle session)
    {
        var name = $"f-{Guid.NewGuid():N}";
        await session.ForkAsync(CheckpointReference.Latest, name);
        return session;
    }

    /// <summary>A fork has the last state, and says where from.</summary>
    private static async Task ExpectAsync(LocalSilo silo, SessionHandle session, int size)
    {
        var name = $"f-{Guid.NewGuid():N}";
        var made = await session.ForkAsync(CheckpointReference.Latest, name);
        var (state, of) = (await silo.Client.Session(name).GetAsync(), await session.GetAsync());
        if (made.Origin.Sequence != size || !state!.State.Span.SequenceEqual(of!.State.Span))
        {
            throw new ValidationException(Prefix, $"a fork of {session.Address} has another state");
        }
    }
}
