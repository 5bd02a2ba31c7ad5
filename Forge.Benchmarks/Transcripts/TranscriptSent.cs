using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;

namespace Forge.Benchmarks.Transcripts;

/// <summary>What goes over the wire between a client and its silo while a conversation is saved step by step.</summary>
internal static class TranscriptSent
{
    private const string Side = "transcript.sent";

    public static async Task RunAsync(BenchmarkRun run, Transcript transcript)
    {
        if (run.Arguments.WantsAny(Side))
        {
            run.Progress.Expect(1);
            await run.Progress.StepAsync($"transcript: bytes of {transcript.Name} over the wire", () => MeasureAsync(run, transcript));
        }
    }

    private static async Task MeasureAsync(BenchmarkRun run, Transcript transcript)
    {
        var settings = SiloSettings.Sqlite(run.NewFolder());
        await using var silo = await RemoteForge.StartAsync(settings);
        var counts = new CountedConnections();
        await using var client = await RemoteForge.ConnectAsync(settings, [.. silo.GatewayPorts], counts.Count);
        var (states, session) = (transcript.States(), client.Client.Session(transcript.Name));

        // What a connection and the first calls exchange is none of the conversation's.
        await client.Client.Session("before").CheckpointAsync(states[0], "before");
        var (sent, received) = (counts.Sent, counts.Received);
        await ForgeTranscript.WriteAsync(session, states);
        (sent, received) = (counts.Sent - sent, counts.Received - received);
        await ForgeTranscript.ExpectAsync(Side, silo.Client.Session(transcript.Name), transcript);

        run.Report.Add($"{Side}.state-bytes", "bytes", transcript.LastBytes);
        run.Report.Add($"{Side}.to-silo-bytes", "bytes", sent);
        run.Report.Add($"{Side}.to-client-bytes", "bytes", received);
        run.Report.Add($"{Side}.bytes", "bytes", sent + received);
        run.Report.AddRatio(Side, $"{Side}.bytes", $"{Side}.state-bytes");
        run.Report.AddRatio($"{Side}.to-silo", $"{Side}.to-silo-bytes", $"{Side}.state-bytes");
    }
}
