using Forge.Benchmarks.Latency;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Cli.Replay;

namespace Forge.Benchmarks.Transcripts;

/// <summary>
/// What it takes to encode a state of about 300 KB on the one before, which is at hand: the codec alone, in this process, with
/// nothing hashed, read or written.
/// </summary>
internal static class TranscriptCodec
{
    private const string Append = "transcript.codec-append-ms";
    private const string Edit = "transcript.codec-edit-ms";
    private const string EditAndAppend = "transcript.codec-edit-and-append-ms";
    private const string Numbered = "transcript.codec-numbered-ms";

    private const int First = 460;
    private const int Steps = 80;

    public static async Task RunAsync(BenchmarkRun run)
    {
        if (!run.Arguments.WantsAny("transcript.codec"))
        {
            return;
        }

        var conversation = RecordedRun.Parse(MadeConversation.Make(First + Steps));
        var appended = Enumerable.Range(First, Steps).Select(conversation.ConversationOf).ToList();
        (string Name, CodecChain Chain)[] chains =
        [
            (Append, new CodecChain(appended)),
            (Edit, new CodecChain(EditedStates.Of([.. Enumerable.Repeat(appended[Steps / 2], Steps)]))),
            (EditAndAppend, new CodecChain(EditedStates.Of(appended))),
            (Numbered, new CodecChain([.. Enumerable.Range(First, Steps).Select(conversation.StateOf)])),
        ];
        LatencySide[] sides = [.. chains.Select(c => SideOf(run, c.Name, c.Chain))];
        await new Contest(run, "transcript codec", run.Rounds(5, 1)) { Unit = "ms" }.RunAsync(sides);
        LatencySide.ReportTails(run, sides);
        foreach (var side in sides.Where(s => s.All.Count > 0))
        {
            run.Report.Add($"{side.Name}.mean", "ms", side.All.Average());
        }

        run.Report.AddAbsolute(Append);
        run.Report.AddAbsolute(Edit);
    }

    private static LatencySide SideOf(BenchmarkRun run, string name, CodecChain chain) => new(name, _ =>
    {
        chain.Encode();
        return Task.CompletedTask;
    })
    {
        IsCompiledAsItRuns = true,
        Prepare = _ =>
        {
            chain.Prepare();
            return Task.CompletedTask;
        },
        Validate = () =>
        {
            run.Report.Add(name.Replace("-ms", "-bytes", StringComparison.Ordinal), "bytes each", chain.Expect(name) / (double)(Steps - 1));
            return Task.CompletedTask;
        },
    };
}
