using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Sessions;

/// <summary><c>forge session revive</c>.</summary>
internal static class ReviveCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var change = new ChangeOptions();
        return new Command("revive", "Let the name of a deleted session live again, empty; numbers go on.")
            .Takes(session, change.IdempotencyKey)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                var answer = await call.Http.SendAsync(
                    HttpMethod.Post, Query.Session(call.Get(session), "/revive"), null, change.Of(call), ShapesJson.Default.ReviveShape, cancellationToken);
                call.Show(answer, revived => call.Screen.Line(
                    $"{Harmless.Line(call.Get(session))} lives again (life {revived.Life}); its next checkpoint is #{revived.LastSequence + 1}."));
            });
    }
}
