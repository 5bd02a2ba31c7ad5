using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;
using Spectre.Console.Rendering;

namespace Forge.Cli.Differences;

/// <summary><c>forge checkpoint diff</c>.</summary>
internal static class DiffCommand
{
    /// <summary>A state beyond this is not read for its surroundings.</summary>
    private const long MostBytesRead = 32 * 1024 * 1024;

    private const int DefaultContext = 2;

    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var from = new Argument<string>("from") { Description = "The earlier checkpoint: its sequence, its id, latest or current." };
        var to = new Argument<string>("to") { Description = "The later one; latest if not given.", DefaultValueFactory = _ => "latest" };
        var other = Names.Text("--to-session", "The session of the later one, if it is another.");
        var branch = Names.Branch("The branch whose latest or current checkpoint is meant; main if not given.");
        var context = new Option<int>("--context", "-U") { Description = "How many neighbours of what differs are shown; 2 if not given.", DefaultValueFactory = _ => DefaultContext };
        var patch = Names.Flag("--patch", "Write the JSON Patch (RFC 6902) alone.");
        return new Command("diff", "Show what makes the state of one checkpoint of another's.")
            .Takes(session, from, to, other, branch, context, patch)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                var path = new Query(Query.Session(call.Get(session), "/diff"))
                    .With("from", call.Get(from)).With("to", call.Get(to)).With("session", call.Get(other)).With("branch", call.Get(branch));
                var answer = await call.Http.GetAsync(path, ShapesJson.Default.DifferenceShape, cancellationToken);
                var operations = answer.Json.TryGetProperty("patch", out var found) ? found : (JsonElement?)null;
                if (call.Get(patch))
                {
                    call.Screen.Json(operations?.GetRawText() ?? throw new CliException(
                        ExitCode.NotTaken, $"There is no patch: {answer.Value.NotCompared?.Problem}", "Without --patch the command tells what is known."));
                }
                else if (call.Json)
                {
                    call.Screen.Json(answer.Text);
                }
                else
                {
                    await TellAsync(call, call.Get(session), answer.Value, operations, Math.Max(0, call.Get(context)), cancellationToken);
                }
            });
    }

    private static async Task TellAsync(
        Call call, string session, DifferenceShape difference, JsonElement? operations, int context, CancellationToken cancellationToken)
    {
        var (screen, from, to) = (call.Screen, difference.From!, difference.To!);
        screen.Line(new Segment($"--- #{from.Sequence} {Harmless.Line(from.Message)}", Styles.Strong));
        screen.Line(new Segment($"+++ #{to.Sequence} {Harmless.Line(to.Message)}", Styles.Strong));
        if (difference.FirstDifference is null)
        {
            screen.Line("The states are the same, byte for byte.");
            return;
        }

        if (operations is not { } patch)
        {
            screen.Line($"Not compared as JSON: {Harmless.Line(difference.NotCompared?.Problem)}");
            screen.Line($"{from.ContentType}, {Said.Bytes(from.Size)} against {to.ContentType}, {Said.Bytes(to.Size)}; they differ from byte {difference.FirstDifference} on.");
            return;
        }

        if (patch.GetArrayLength() == 0)
        {
            screen.Line($"The same JSON, written differently from byte {difference.FirstDifference} on.");
            return;
        }

        JsonNode? state = null;
        var isRead = from.Size <= MostBytesRead;
        if (isRead)
        {
            using var response = await call.Http.OpenAsync(Query.Checkpoint(session, Said.Number(from.Sequence), "/state"), null, cancellationToken);
            state = JsonNode.Parse(
                await response.Content.ReadAsByteArrayAsync(cancellationToken), null, new JsonDocumentOptions { MaxDepth = 1_000 });
        }

        new PatchView(screen, context).Write(patch, state, isRead);
        var summary = difference.Summary!;
        screen.Line();
        screen.Line($"{summary.Added} added, {summary.Removed} removed, {summary.Changed} changed, {summary.Moved} moved{(difference.Coarse ? " (coarse: parts are replaced whole)" : "")}");
    }
}
