using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Checkpoints;

/// <summary><c>forge checkpoint delete</c>.</summary>
internal static class DeleteCommand
{
    private const int MostNamed = 10;

    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var checkpoint = Names.Checkpoint();
        var branch = Names.Branch("The branch whose latest or current checkpoint is meant; main if not given.");
        var dryRun = Names.Flag("--dry-run", "Tell what would go, as reads show it now, and change nothing.");
        var change = new ChangeOptions();
        return new Command("delete", "Delete a checkpoint. Its sequence is not given out again.")
            .Takes(session, checkpoint, branch, dryRun, change.Epoch, change.IdempotencyKey)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                var path = new Query(Query.Checkpoint(call.Get(session), call.Get(checkpoint))).With("branch", call.Get(branch));
                if (call.Get(dryRun))
                {
                    return await TellAsync(call, call.Get(session), path, cancellationToken);
                }

                await call.Http.SendAsync(HttpMethod.Delete, path, null, change.Of(call), ShapesJson.Default.NothingShape, cancellationToken);
                if (call.Json)
                {
                    call.Screen.Json("{\"deleted\":true}");
                }
                else
                {
                    call.Screen.Line($"Deleted {Harmless.Line(call.Get(checkpoint))} of {Harmless.Line(call.Get(session))}.");
                }

                return ExitCode.Done;
            });
    }

    private static async Task<ExitCode> TellAsync(Call call, string session, Query path, CancellationToken cancellationToken)
    {
        var found = await call.Http.GetAsync(path, ShapesJson.Default.CheckpointShape, cancellationToken);
        var sequence = found.Value.Sequence;
        var requiring = new List<long>();
        await foreach (var item in call.Http.ListAsync(
            (cursor, size) => new Query(Query.Session(session, "/checkpoints")).With("after", sequence).With("order", "oldest").With("limit", size).With("cursor", cursor),
            ShapesJson.Default.CheckpointShape, long.MaxValue, cancellationToken))
        {
            if (item.Value.Requires?.Contains(sequence) is true && requiring.Count < MostNamed)
            {
                requiring.Add(item.Value.Sequence);
            }
        }

        if (call.Json)
        {
            call.Screen.Json(
                $"{{\"dryRun\":true,\"sequence\":{Said.Number(sequence)},\"bytes\":{Said.Number(found.Value.Size)},\"requiredBy\":[{string.Join(",", requiring.Select(Said.Number))}]}}");
        }
        else
        {
            call.Screen.Line(requiring.Count == 0
                ? $"Would delete #{sequence} ({Said.Bytes(found.Value.Size)}): {Harmless.Line(found.Value.Message)}"
                : $"Would not delete #{sequence}: it is required by {string.Join(", ", requiring.Select(by => $"#{by}"))}.");
            call.Screen.Line("This is what reads show now; nothing was changed.");
        }

        return requiring.Count == 0 ? ExitCode.Done : ExitCode.Conflict;
    }
}
