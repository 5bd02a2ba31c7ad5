using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Portability;
using Forge.Cli.Terminal;

namespace Forge.Cli.Checkpoints;

/// <summary><c>forge checkpoint show</c>.</summary>
internal static class ShowCommand
{
    private static readonly JsonWriterOptions Indented =
        new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1_000, NewLine = "\n" };

    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var checkpoint = Names.CheckpointOrLatest();
        var branch = Names.Branch("The branch whose latest or current checkpoint is meant; main if not given.");
        var stateOnly = Names.Flag("--state-only", "Write the state alone, byte for byte as it was saved.");
        var output = Names.Text("--output", "Write the state, byte for byte, into this file.", "-o");
        return new Command("show", "Show a checkpoint with its state.")
            .Takes(session, checkpoint, branch, stateOnly, output)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                if (call.Get(stateOnly) || call.Get(output) is not null)
                {
                    var path = new Query(Query.Checkpoint(call.Get(session), call.Get(checkpoint), "/state")).With("branch", call.Get(branch));
                    await WriteStateAsync(call, path, Names.FileOf(call.Get(output)), cancellationToken);
                    return;
                }

                var answer = await call.Http.GetAsync(
                    new Query(Query.Checkpoint(call.Get(session), call.Get(checkpoint))).With("branch", call.Get(branch)),
                    ShapesJson.Default.CheckpointShape, cancellationToken);
                call.Show(answer, found =>
                {
                    CheckpointColumns.FieldsOf(found).WriteTo(call.Screen);
                    call.Screen.Line();
                    call.Screen.Text(TextOf(answer.Json));
                });
            });
    }

    /// <summary>JSON over several lines, for people.</summary>
    internal static string Pretty(JsonElement json)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            json.WriteTo(writer);
        }

        return Harmless.Lines(Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static string TextOf(JsonElement checkpoint)
    {
        if (checkpoint.TryGetProperty("state", out var state))
        {
            return Pretty(state) + "\n";
        }

        var bytes = checkpoint.GetProperty("stateBase64").GetBytesFromBase64();
        return TryText(bytes) is { } text
            ? Harmless.Lines(text) + (text.EndsWith('\n') ? "" : "\n")
            : "(bytes that are no text; --state-only or --output FILE writes them)\n";
    }

    private static string? TryText(byte[] bytes)
    {
        try
        {
            var text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
            return text.Contains('\0', StringComparison.Ordinal) ? null : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static async Task WriteStateAsync(Call call, Query path, string? file, CancellationToken cancellationToken)
    {
        using var response = await call.Http.OpenAsync(path, null, cancellationToken);
        var state = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (file is not null)
        {
            await using (var target = OutputFile.Create(file))
            {
                await target.Stream.WriteAsync(state, cancellationToken);
                await target.CompleteAsync();
            }

            call.Screen.Note($"Wrote {Said.Bytes(state.Length)} to {file}.");
        }
        else if (call.Surroundings.OutputIsTerminal)
        {
            // A terminal would obey what is in it.
            call.Screen.Text(TryText(state) is { } text ? Harmless.Lines(text) : "");
            call.Screen.Flush();
            call.Screen.Note("note: shown made harmless; into a pipe or with --output FILE it comes byte for byte.");
        }
        else
        {
            await call.Screen.Raw.WriteAsync(state, cancellationToken);
        }
    }
}
