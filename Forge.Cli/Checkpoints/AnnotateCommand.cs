using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;

namespace Forge.Cli.Checkpoints;

/// <summary><c>forge checkpoint annotate</c>.</summary>
internal static class AnnotateCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var checkpoint = Names.Checkpoint();
        var text = new Argument<string>("text") { Description = "The note." };
        var severity = Names.Text("--severity", "info (the default), warning or critical.");
        var branch = Names.Branch("The branch whose latest or current checkpoint is meant; main if not given.");
        var change = new ChangeOptions();
        return new Command("annotate", "Attach a note to a checkpoint.")
            .Takes(session, checkpoint, text, severity, branch, change.Epoch, change.IdempotencyKey)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                var answer = await call.Http.SendAsync(
                    HttpMethod.Post,
                    new Query(Query.Checkpoint(call.Get(session), call.Get(checkpoint), "/annotations")).With("branch", call.Get(branch)),
                    Body.Object(writer =>
                    {
                        writer.WriteString("text", call.Get(text));
                        writer.Optional("severity", call.Get(severity));
                    }),
                    change.Of(call), ShapesJson.Default.AnnotationShape, cancellationToken);
                call.Show(answer, note => call.Screen.Line($"Noted ({note.Severity}) at position {note.Position}."));
            });
    }
}
