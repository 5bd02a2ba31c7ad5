using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Portability;

/// <summary><c>forge session import</c> and <c>forge tenant import</c>.</summary>
internal static class ImportCommand
{
    public static Command OfSession(Surroundings surroundings)
    {
        var (session, file, change) = (Names.Session(), FileArgument(), new ChangeOptions());
        return new Command("import", "Take a document in, whole or not at all; also one of the earlier single-process tool.")
            .Takes(session, file, change.Epoch)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                var json = await SendAsync(call, Query.Session(call.Get(session), "/import"), call.Get(file), new Change(null, call.Get(change.Epoch)), cancellationToken);
                Show(call, json, ShapesJson.Default.ImportShape, done =>
                    $"Imported {Said.Count(done.Imported, "checkpoint")}; {done.Skipped} {(done.Skipped == 1 ? "was" : "were")} there already.");
                return ExitCode.Done;
            });
    }

    public static Command OfTenant(Surroundings surroundings)
    {
        var file = FileArgument();
        return new Command("import", "Take a document of many sessions in, each whole or not at all.")
            .Takes(file)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                var json = await SendAsync(call, "v1/import", call.Get(file), new Change(null, null), cancellationToken);
                var done = json.Deserialize(ShapesJson.Default.TenantImportShape)!;
                Show(call, json, ShapesJson.Default.TenantImportShape, _ =>
                    $"Sessions: {done.Imported} imported, {done.Skipped} there already, {done.Refused} refused. Checkpoints: {done.ImportedCheckpoints} imported, {done.SkippedCheckpoints} there already.");
                if (!call.Json)
                {
                    foreach (var refusal in done.Refusals ?? [])
                    {
                        call.Screen.Line($"  refused {Harmless.Line(refusal.Session)}: {Harmless.Line(refusal.Problem ?? refusal.Code)}");
                    }
                }

                return done.Refused == 0 ? ExitCode.Done : ExitCode.NotTaken;
            });
    }

    private static Argument<string> FileArgument() =>
        new("file") { Description = "The document, plain or compressed by gzip or zstd; - for the standard input.", DefaultValueFactory = _ => "-" };

    private static void Show<T>(
        Call call, JsonElement json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, Func<T, string> say)
    {
        if (call.Json)
        {
            call.Screen.Json(json.GetRawText());
        }
        else
        {
            call.Screen.Line(say(json.Deserialize(type)!));
        }
    }

    private static async Task<JsonElement> SendAsync(Call call, string path, string file, Change change, CancellationToken cancellationToken)
    {
        await using var source = file == "-" ? call.Surroundings.Input : Open(file);
        var (head, coding) = await SniffAsync(source, cancellationToken);
        long? length = source.CanSeek ? source.Length : null;
        using var progress = new Progress(call.Screen, "importing", length, Said.Bytes);
        using var response = await call.Http.SendOnceAsync(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative))
                {
                    Content = new CountedContent(new PrefixedStream(head, source), length, progress),
                };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
                if (coding is not null)
                {
                    request.Content.Headers.ContentEncoding.Add(coding);
                }

                change.AddTo(request);
                return request;
            },
            isChange: true, cancellationToken);
        return await call.Http.ReadAsync(response, Repeats.None, cancellationToken);
    }

    private static FileStream Open(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CliException(ExitCode.Usage, $"'{file}' cannot be read: {exception.Message}", "Name a document that `forge session export` wrote.", exception);
        }
    }

    /// <summary>What the document is compressed by, as its first bytes say.</summary>
    private static async Task<(byte[] Head, string? Coding)> SniffAsync(Stream source, CancellationToken cancellationToken)
    {
        var head = new byte[4];
        var length = await source.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).AsTask().WaitAsync(cancellationToken);
        head = head[..length];
        return (head, head switch
        {
            [0x1F, 0x8B, ..] => "gzip",
            [0x28, 0xB5, 0x2F, 0xFD] => "zstd",
            _ => null,
        });
    }
}
