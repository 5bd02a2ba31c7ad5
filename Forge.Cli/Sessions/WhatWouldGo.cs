using Forge.Cli.Commands;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Sessions;

/// <summary>What a clear or a deletion would take, for which the silo has no dry run: it is told from what the session is now.</summary>
internal static class WhatWouldGo
{
    public static async Task TellAsync(Call call, string session, string what, CancellationToken cancellationToken)
    {
        var info = (await call.Http.GetAsync(Query.Session(session), ShapesJson.Default.SessionShape, cancellationToken)).Value;
        if (call.Json)
        {
            call.Screen.Json($"{{\"dryRun\":true,\"checkpoints\":{Said.Number(info.Count)},\"bytes\":{Said.Number(info.Bytes)}}}");
            return;
        }

        call.Screen.Line($"{what} {Harmless.Line(info.Session)}: {Said.Count(info.Count, "checkpoint")}, {Said.Bytes(info.Bytes)}.");
        if (info.Claim is { Owner: { } owner, Epoch: var epoch })
        {
            call.Screen.Line($"{Harmless.Line(owner)} has claimed it: it takes --epoch {epoch}, if the claim is yours.");
        }

        call.Screen.Line("This is what reads show now; nothing was changed.");
    }
}
