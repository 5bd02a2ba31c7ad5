using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Checkpoints;

/// <summary><c>forge checkpoint tag</c>.</summary>
internal static class TagCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var checkpoint = Names.Checkpoint();
        var set = new Argument<string[]>("tags") { Description = "All the tags that it is to have.", Arity = ArgumentArity.ZeroOrMore };
        var add = Names.Many("--add", "A tag to add to those that it has when it is read; may be given several times.");
        var remove = Names.Many("--remove", "A tag to take from those that it has when it is read; may be given several times.");
        var none = Names.Flag("--none", "Take all tags away.");
        var branch = Names.Branch("The branch whose latest or current checkpoint is meant; main if not given.");
        var change = new ChangeOptions();
        return new Command("tag", "Set, add or remove tags.")
            .Takes(session, checkpoint, set, add, remove, none, branch, change.Epoch, change.IdempotencyKey)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                var (whole, more, less) = (call.Get(set), call.Get(add)!, call.Get(remove)!);
                if (new[] { whole.Length > 0, more.Length + less.Length > 0, call.Get(none) }.Count(given => given) != 1)
                {
                    throw new CliException(ExitCode.Usage, "Give the tags that it is to have, or --add and --remove, or --none.");
                }

                var tags = whole;
                var named = call.Get(checkpoint);
                if (more.Length + less.Length > 0)
                {
                    var path = new Query(Query.Checkpoint(call.Get(session), named)).With("branch", call.Get(branch));
                    var found = (await call.Http.GetAsync(path, ShapesJson.Default.CheckpointShape, cancellationToken)).Value;
                    tags = [.. found.Tags.Except(less, StringComparer.Ordinal).Union(more, StringComparer.Ordinal)];

                    // By its sequence, so that the one is changed whose tags were read.
                    named = Said.Number(found.Sequence);
                }

                var answer = await call.Http.SendAsync(
                    HttpMethod.Put,
                    new Query(Query.Checkpoint(call.Get(session), named, "/tags")).With("branch", named == call.Get(checkpoint) ? call.Get(branch) : null),
                    Body.Object(writer =>
                    {
                        writer.WriteStartArray("tags");
                        foreach (var tag in tags)
                        {
                            writer.WriteStringValue(tag);
                        }

                        writer.WriteEndArray();
                    }),
                    change.Of(call), ShapesJson.Default.CheckpointShape, cancellationToken);
                call.Show(answer, tagged => call.Screen.Line(tagged.Tags.Count == 0
                    ? $"#{tagged.Sequence} has no tags."
                    : $"#{tagged.Sequence} has the tags {Harmless.Line(string.Join(", ", tagged.Tags))}."));
            });
    }
}
