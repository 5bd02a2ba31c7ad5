using System.CommandLine;
using System.Net;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Sessions;

/// <summary><c>forge session delete</c>.</summary>
internal static class DeleteSessionCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var erase = Names.Flag("--erase", "Tell if its rows are gone already; the same command again asks once more.");
        var dryRun = Names.Flag("--dry-run", "Tell what would go, as reads show it now, and change nothing.");
        var change = new ChangeOptions();
        return new Command("delete", "Delete a session for good. Its name stays taken until it is revived.")
            .Takes(session, erase, dryRun, change.Epoch, change.IdempotencyKey)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                var name = call.Get(session);
                if (call.Get(dryRun))
                {
                    await WhatWouldGo.TellAsync(call, name, "Would delete", cancellationToken);
                    return;
                }

                var answer = await call.Http.SendAsync(
                    HttpMethod.Delete, new Query(Query.Session(name)).With("erase", call.Get(erase) ? "true" : null), null, change.Of(call),
                    ShapesJson.Default.NothingShape, cancellationToken);
                var isErased = call.Get(erase) && answer.Status == HttpStatusCode.NoContent;
                if (call.Json)
                {
                    call.Screen.Json($"{{\"deleted\":true,\"erased\":{(isErased ? "true" : "false")}}}");
                }
                else
                {
                    call.Screen.Line((call.Get(erase), isErased) switch
                    {
                        (true, true) => $"Deleted {Harmless.Line(name)}; none of its rows is left.",
                        (true, false) => $"Deleted {Harmless.Line(name)}; its rows are still going. The same command asks again.",
                        _ => $"Deleted {Harmless.Line(name)}.",
                    });
                }
            });
    }
}
