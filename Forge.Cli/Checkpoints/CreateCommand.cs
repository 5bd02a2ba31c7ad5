using System.CommandLine;
using System.Text.Json;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Checkpoints;

/// <summary><c>forge checkpoint create</c>.</summary>
internal static class CreateCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var message = new Option<string>("--message", "-m") { Description = "What is said of it.", Required = true };
        var state = new Option<string>("--state", "-s") { Description = "The state: JSON, @FILE, or - for the standard input.", DefaultValueFactory = _ => "-" };
        var contentType = Names.Text("--content-type", "What the state is; application/json if not given.");
        var tags = Names.Many("--tag", "A tag; may be given several times.", "-t");
        var trigger = Names.Text("--trigger", "Why it is taken; manual if not given.");
        var branch = Names.Branch("The branch that it is on; main if not given.");
        var parent = Names.Text("--parent", "The checkpoint that it follows, or none; the current one of its branch if not given.");
        var id = Names.Text("--id", "A UUID of your own for it.");
        var expected = new Option<long?>("--expected-head") { Description = "Only if the head of the branch has this sequence; 0 for a branch without one." };
        var requires = Names.Many("--requires", "A checkpoint that it cannot do without; may be given several times.");
        var change = new ChangeOptions();
        return new Command("create", "Save a checkpoint.")
            .Takes(session, message, state, contentType, tags, trigger, branch, parent, id, expected, requires, change.Epoch, change.IdempotencyKey)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                var given = await GivenState.ReadAsync(call.Get(state)!, call.Get(contentType), call.Surroundings, cancellationToken);
                var body = Body.Object(writer =>
                {
                    writer.WriteString("message", call.Get(message));
                    given.WriteTo(writer);
                    writer.Texts("tags", call.Get(tags)!);
                    writer.Optional("trigger", call.Get(trigger));
                    writer.Optional("branch", call.Get(branch));
                    WriteReference(writer, "parent", call.Get(parent));
                    writer.Optional("id", call.Get(id));
                    writer.Optional("expectedHead", call.Get(expected));
                    WriteReferences(writer, "requires", call.Get(requires)!);
                });

                // A create with an id of its own is known by that, and takes no key beside it.
                var made = call.Get(id) is null ? change.Of(call) : change.Of(call) with { IdempotencyKey = call.Get(change.IdempotencyKey), HasId = true };
                var answer = await call.Http.SendAsync(
                    HttpMethod.Post, Query.Session(call.Get(session), "/checkpoints"), body, made, ShapesJson.Default.CheckpointShape, cancellationToken);
                call.Show(answer, created => call.Screen.Line(answer.Json.TryGetProperty("taken", out _)
                    ? "Not taken: the newest checkpoint is younger than the session's interval."
                    : $"Saved #{created.Sequence} on {Harmless.Line(created.Branch)} ({Said.Bytes(created.Size)})."));
            });
    }

    /// <summary>Writes a checkpoint by its sequence as a number, and by any other name as a text.</summary>
    internal static void WriteReference(Utf8JsonWriter writer, string name, string? reference)
    {
        if (reference is not null)
        {
            writer.WritePropertyName(name);
            WriteReference(writer, reference);
        }
    }

    private static void WriteReferences(Utf8JsonWriter writer, string name, string[] references)
    {
        if (references.Length > 0)
        {
            writer.WriteStartArray(name);
            foreach (var reference in references)
            {
                WriteReference(writer, reference);
            }

            writer.WriteEndArray();
        }
    }

    private static void WriteReference(Utf8JsonWriter writer, string reference)
    {
        if (long.TryParse(reference, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var sequence))
        {
            writer.WriteNumberValue(sequence);
        }
        else
        {
            writer.WriteStringValue(reference);
        }
    }
}
