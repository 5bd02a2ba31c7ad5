using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Sessions;

/// <summary><c>forge session compact</c>.</summary>
internal static class CompactCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var recent = new Option<long?>("--keep-recent") { Description = "Keep the newest this many." };
        var tags = Names.Many("--keep-tag", "Keep those with this tag; may be given several times.");
        var younger = Names.Text("--keep-younger-than", "Keep those younger than this, as 2h, 30d or P30D.");
        var dryRun = Names.DryRun();
        var change = new ChangeOptions();
        return new Command("compact", "Remove the checkpoints that a policy does not keep; the session's own policy if none is given.")
            .Takes(session, recent, tags, younger, dryRun, change.Epoch, change.IdempotencyKey)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                var age = Moment.ParseSpan("--keep-younger-than", call.Get(younger));
                var body = Body.Object(writer =>
                {
                    writer.Optional("keepRecent", call.Get(recent));
                    writer.Texts("keepTags", call.Get(tags)!);
                    writer.Optional("keepYoungerThan", age);
                    writer.Flag("dryRun", call.Get(dryRun));
                });
                var answer = await call.Http.SendAsync(
                    HttpMethod.Post, Query.Session(call.Get(session), "/compact"), body, change.Of(call), ShapesJson.Default.CompactShape, cancellationToken);
                call.Show(answer, done => call.Screen.Line(
                    $"{(call.Get(dryRun) ? "Would remove" : "Removed")} {Said.Count(done.Deleted, "checkpoint")} ({Said.Bytes(done.FreedBytes)} stored); {done.Remaining} {(call.Get(dryRun) ? "would stay" : "stay")}."));
            });
    }
}
