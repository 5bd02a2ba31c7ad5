using Forge.Benchmarks.Runs;

namespace Forge.Benchmarks.Transcripts;

/// <summary>What it costs to keep every step of a conversation.</summary>
internal sealed class TranscriptScenario : IScenario
{
    private const int MadeSteps = 500;

    public string Name => "transcript";

    public string Summary => "every step of a conversation kept: bytes, codec, rate, restore and bytes on the wire, beside LangGraph.js and plain rows";

    public async Task RunAsync(BenchmarkRun run)
    {
        var file = MadeConversation.Make(MadeSteps);
        var made = Transcript.Of("made", file);
        var numbered = Transcript.Numbered("made-numbered", file);
        IReadOnlyList<Transcript> recorded = TrajectoryFolder.Read(run);

        await TranscriptSizes.RunAsync(run, [made, numbered, .. recorded]);
        await LangGraphSizes.RunAsync(run, [made, .. recorded]);
        await TranscriptCodec.RunAsync(run);
        await TranscriptRate.RunAsync(run, made);
        await TranscriptRestore.RunAsync(run, made);
        await TranscriptSent.RunAsync(run, made);
        AddRatios(run, made, [numbered, .. recorded]);
    }

    private static void AddRatios(BenchmarkRun run, Transcript made, IReadOnlyList<Transcript> others)
    {
        var report = run.Report;
        foreach (var transcript in others.Prepend(made))
        {
            var end = transcript == made ? "" : $".{transcript.Name}";
            var (postgreSql, sqlite) = (TranscriptSizes.Bytes(TranscriptSizes.PostgreSql, transcript), TranscriptSizes.Bytes(TranscriptSizes.Sqlite, transcript));
            report.AddRatio($"transcript.bytes{end}", postgreSql, TranscriptSizes.StateBytes(transcript));
            report.AddRatio($"transcript.bytes.sqlite{end}", sqlite, TranscriptSizes.StateBytes(transcript));
            report.AddRatio($"transcript.langgraph-bytes{end}", LangGraphSizes.Raw(transcript), postgreSql);
        }

        report.AddRatio("transcript.rate", TranscriptRate.Remote, TranscriptRate.Copy);
        report.AddRatio("transcript.rate.local", TranscriptRate.Local, TranscriptRate.Copy);
        report.AddRatio("transcript.rate.uncompressed", TranscriptRate.Remote, TranscriptRate.CopyUncompressed);
    }
}
