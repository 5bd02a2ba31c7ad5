using System.CommandLine;
using Forge.Cli.Checkpoints;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Sessions;

/// <summary><c>forge session fork</c>.</summary>
internal static class ForkCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var checkpoint = Names.Checkpoint("The checkpoint to fork: its sequence, its id, latest or current.");
        var fork = new Argument<string>("fork") { Description = "The session to make." };
        var branch = Names.Branch("The branch whose latest or current checkpoint is meant; main if not given.");
        var history = Names.Flag("--with-history", "Take the checkpoint's ancestors along.");
        var effects = new EffectOptions();
        var dryRun = Names.DryRun();
        var change = new ChangeOptions();
        return new Command("fork", "Begin a session from a checkpoint of another one.")
            .Takes(session, checkpoint, fork, branch, history, effects.Refuse, effects.Acknowledge, dryRun, change.IdempotencyKey)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                var body = Body.Object(writer =>
                {
                    CreateCommand.WriteReference(writer, "checkpoint", call.Get(checkpoint));
                    writer.WriteString("session", call.Get(fork));
                    writer.Optional("branch", call.Get(branch));
                    writer.Flag("withHistory", call.Get(history));
                    writer.Flag("dryRun", call.Get(dryRun));
                    effects.WriteTo(writer, call);
                });
                var answer = await call.Http.SendAsync(
                    HttpMethod.Post, Query.Session(call.Get(session), "/fork"), body, change.Of(call), ShapesJson.Default.ForkShape, cancellationToken);
                call.Show(answer, made =>
                {
                    var what = $"session {Harmless.Line(made.Session)} of #{made.Origin.Sequence} of {Harmless.Line(made.Origin.Session)}: {Said.Count(made.Count, "checkpoint")}, {Said.Bytes(made.Bytes)}";
                    call.Screen.Line(call.Get(dryRun) ? $"Would make {what}." : $"Made {what}.");
                    EffectOptions.Tell(call, made.EffectsAfter);
                });
            });
    }
}
