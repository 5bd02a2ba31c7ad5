using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Checkpoints;

/// <summary><c>forge checkpoint restore</c>.</summary>
internal static class RestoreCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var checkpoint = Names.Checkpoint();
        var branch = Names.Branch("The branch whose next checkpoint follows it; main if not given.");
        var save = Names.Text("--save-state", "Save this state first, in the same step: JSON, @FILE, or - for the standard input.");
        var message = Names.Text("--save-message", "What is said of the state that is saved first.");
        var contentType = Names.Text("--content-type", "What the state is that is saved first; application/json if not given.");
        var effects = new EffectOptions();
        var dryRun = Names.DryRun();
        var change = new ChangeOptions();
        return new Command("restore", "Make a checkpoint the current one, which the next one follows.")
            .Takes(session, checkpoint, branch, save, message, contentType, effects.Refuse, effects.Acknowledge, dryRun, change.Epoch, change.IdempotencyKey)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                if (call.Get(save) is null && (call.Has(message) || call.Has(contentType)))
                {
                    throw new CliException(ExitCode.Usage, "--save-message and --content-type are of a state that is saved first.", "Give the state with --save-state.");
                }

                var given = call.Get(save) is { } text
                    ? await GivenState.ReadAsync(text, call.Get(contentType), call.Surroundings, cancellationToken)
                    : null;
                var body = Body.Object(writer =>
                {
                    writer.Optional("branch", call.Get(branch));
                    writer.Flag("dryRun", call.Get(dryRun));
                    effects.WriteTo(writer, call);
                    if (given is not null)
                    {
                        writer.WriteStartObject("save");
                        writer.WriteString("message", call.Get(message) ?? "before a restore");
                        given.WriteTo(writer);
                        writer.WriteEndObject();
                    }
                });
                var answer = await call.Http.SendAsync(
                    HttpMethod.Post, Query.Checkpoint(call.Get(session), call.Get(checkpoint), "/restore"), body, change.Of(call), ShapesJson.Default.RestoreShape,
                    cancellationToken);
                call.Show(answer, restored => Tell(call, restored, call.Get(session), call.Get(branch), call.Get(change.Epoch), call.Get(dryRun)));
            });
    }

    private static void Tell(Call call, RestoreShape restored, string session, string? branch, long? epoch, bool dryRun)
    {
        var screen = call.Screen;
        if (restored.Saved is { } saved)
        {
            screen.Line($"Saved #{saved.Sequence} first.");
        }

        if (restored.Checkpoint is { } checkpoint)
        {
            screen.Line($"{(dryRun ? "Would make" : "Made")} #{checkpoint.Sequence} current: {Harmless.Line(checkpoint.Message)}");
        }
        else
        {
            screen.Line("It was restored before, and has been removed since.");
        }

        if (restored.Difference is { } difference)
        {
            screen.Line($"Against what is current now: {InShort(difference)}");
        }

        EffectOptions.Tell(call, restored.EffectsAfter);
        if (restored.Undo is { } undo && !dryRun)
        {
            screen.Line(
                $"Undo: forge checkpoint restore {Shell.Quote(session)} {undo.Sequence}{Shell.Option("--branch", branch)}{(epoch is { } held ? $" --epoch {held}" : "")}{call.SameSilo}");
        }
    }

    private static string InShort(DifferenceShape difference) => difference switch
    {
        { FirstDifference: null } => "the same state",
        { Summary: { } summary } => $"{summary.Added} added, {summary.Removed} removed, {summary.Changed} changed, {summary.Moved} moved",
        _ => $"the states differ from byte {difference.FirstDifference} on",
    };
}
