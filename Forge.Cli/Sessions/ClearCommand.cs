using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Sessions;

/// <summary><c>forge session clear</c>.</summary>
internal static class ClearCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var dryRun = Names.Flag("--dry-run", "Tell what would go, as reads show it now, and change nothing.");
        var change = new ChangeOptions();
        return new Command("clear", "Remove all checkpoints; the name, settings, claim and numbers stay.")
            .Takes(session, dryRun, change.Epoch, change.IdempotencyKey)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                if (call.Get(dryRun))
                {
                    await WhatWouldGo.TellAsync(call, call.Get(session), "Would clear", cancellationToken);
                    return;
                }

                var answer = await call.Http.SendAsync(
                    HttpMethod.Post, Query.Session(call.Get(session), "/clear"), null, change.Of(call), ShapesJson.Default.ClearShape, cancellationToken);
                call.Show(answer, done => call.Screen.Line($"Removed {Said.Count(done.Deleted, "checkpoint")}."));
            });
    }
}
