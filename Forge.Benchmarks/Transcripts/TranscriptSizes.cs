using Forge.Benchmarks.Databases;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;

namespace Forge.Benchmarks.Transcripts;

/// <summary>
/// The bytes that a conversation takes: each in a database of its own, less what the same database had when it was empty,
/// measured when the last step was acknowledged and every step was read back.
/// </summary>
internal static class TranscriptSizes
{
    public const string PostgreSql = "transcript.postgresql";
    public const string Sqlite = "transcript.sqlite";

    public static string Bytes(string database, Transcript transcript) => $"{database}.{transcript.Name}.bytes";

    public static string StateBytes(Transcript transcript) => $"transcript.{transcript.Name}.state-bytes";

    /// <summary>Writes, validates, measures and reports those that the command line wants.</summary>
    /// <exception cref="ValidationException">A step does not come back as it was saved.</exception>
    public static async Task RunAsync(BenchmarkRun run, IReadOnlyList<Transcript> transcripts)
    {
        string[] databases = [PostgreSql, Sqlite];
        foreach (var transcript in transcripts.Where(t => databases.Any(d => run.Arguments.Wants(Bytes(d, t)))))
        {
            run.Report.Add(StateBytes(transcript), "bytes", transcript.LastBytes);
            run.Report.Add($"transcript.{transcript.Name}.all-states-bytes", "bytes", transcript.AllBytes());
        }

        foreach (var database in databases)
        {
            var wanted = transcripts.Where(t => run.Arguments.Wants(Bytes(database, t))).ToList();
            run.Progress.Expect(wanted.Count);
            foreach (var transcript in wanted)
            {
                await run.Progress.StepAsync($"transcript: bytes of {transcript.Name} on {database}", async () =>
                {
                    var settings = database == PostgreSql
                        ? SiloSettings.PostgreSql(await run.PostgreSql.CreateDatabaseAsync())
                        : SiloSettings.Sqlite(run.NewFolder());
                    await MeasureAsync(run, database, settings, transcript);
                });
            }
        }
    }

    private static async Task MeasureAsync(BenchmarkRun run, string database, SiloSettings settings, Transcript transcript)
    {
        await using var silo = await LocalSilo.StartAsync(settings);
        var session = silo.Client.Session(transcript.Name);
        var empty = await HistorySize.ReadEmptyAsync(settings);
        await ForgeTranscript.WriteAsync(session, Enumerable.Range(0, transcript.Steps).Select(transcript.State));
        await ForgeTranscript.ExpectAsync(database, session, transcript);
        var full = await HistorySize.ReadAsync(settings);
        run.Report.Add(Bytes(database, transcript), "bytes", full - empty);
        run.Report.Add($"{database}.{transcript.Name}.whole-database-bytes", "bytes", full);
    }
}
