using System.Text.Json;
using Forge.Benchmarks.Databases;
using Forge.Benchmarks.Peers;
using Forge.Benchmarks.Runs;
using Npgsql;

namespace Forge.Benchmarks.Transcripts;

/// <summary>The bytes that LangGraph.js writes for the same conversations through its <c>PostgresSaver</c>.</summary>
internal static class LangGraphSizes
{
    private const string Prefix = "transcript.langgraph";

    // What the saver hands to the database, before that makes anything smaller of it.
    private const string Payload = """
        SELECT (SELECT coalesce(sum(octet_length(blob)), 0) FROM checkpoint_blobs WHERE thread_id = $1)
            + (SELECT coalesce(sum(octet_length(checkpoint::text) + octet_length(metadata::text)), 0) FROM checkpoints WHERE thread_id = $1)
            + (SELECT coalesce(sum(octet_length(blob)), 0) FROM checkpoint_writes WHERE thread_id = $1)
        """;

    public static string Raw(Transcript transcript) => $"{Prefix}.{transcript.Name}.raw-bytes";

    /// <summary>Writes, validates, measures and reports, or notes why it cannot be done here.</summary>
    public static async Task RunAsync(BenchmarkRun run, IReadOnlyList<Transcript> transcripts)
    {
        var wanted = transcripts.Where(t => run.Arguments.Wants(Raw(t))).ToList();
        if (wanted.Count == 0)
        {
            return;
        }

        run.Progress.Expect(wanted.Count + 1);
        try
        {
            var database = await run.PostgreSql.CreateDatabaseAsync();
            PeerProgram? started = null;
            await run.Progress.StepAsync("transcript: install LangGraph.js", async () =>
                started = await PeerSources.StartLangGraphAsync(run, database, "transcript.mjs"));
            await using var peer = started!;
            foreach (var transcript in wanted)
            {
                await run.Progress.StepAsync($"transcript: bytes of {transcript.Name} in LangGraph.js", () => MeasureAsync(run, peer, database, transcript));
            }
        }
        catch (PeerMissingException exception)
        {
            run.Report.Note($"LangGraph.js was left out, and with it every ratio to it: {exception.Message}");
        }
    }

    private static async Task MeasureAsync(BenchmarkRun run, PeerProgram peer, string database, Transcript transcript)
    {
        var file = Path.Combine(run.NewFolder(), "conversation.json");
        await transcript.SaveAsync(file);
        var before = await HistorySize.PostgreSqlAsync(database);
        var answer = await peer.AskAsync(JsonSerializer.Serialize(new { thread = transcript.Name, file }));
        if (answer.GetProperty("steps").GetInt32() != transcript.Steps)
        {
            throw new ValidationException(Prefix, $"'{transcript.Name}' has {answer.GetProperty("steps")} steps there");
        }

        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var payload = new NpgsqlCommand(Payload, connection) { Parameters = { new() { Value = transcript.Name } } };
        run.Report.Add(Raw(transcript), "bytes", Convert.ToDouble(await payload.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture));
        run.Report.Add($"{Prefix}.{transcript.Name}.bytes", "bytes", await HistorySize.PostgreSqlAsync(database) - before);
    }
}
