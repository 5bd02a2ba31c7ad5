using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Portability;

/// <summary><c>forge session export</c> and <c>forge tenant export</c>.</summary>
internal static class ExportCommand
{
    private const int BufferBytes = 128 * 1024;

    public static Command OfSession(Surroundings surroundings)
    {
        var session = Names.Session();
        return Make(
            surroundings, new Command("export", "Write a session as one document.").Takes(session),
            call => new Query(Query.Session(call.Get(session), "/export")),
            async (call, cancellationToken) =>
                (await call.Http.GetAsync(Query.Session(call.Get(session)), ShapesJson.Default.SessionShape, cancellationToken)).Value.Count,
            "checkpoint",

            // The first line is the header.
            counter => Math.Max(0, counter.Lines - 1));
    }

    public static Command OfTenant(Surroundings surroundings)
    {
        var prefix = Names.Text("--prefix", "Only sessions whose names begin so.");
        return Make(
            surroundings, new Command("export", "Write all sessions as one document.").Takes(prefix),
            call => new Query("v1/export").With("prefix", call.Get(prefix)),
            (call, cancellationToken) => SessionCount.OfAsync(call, call.Get(prefix), cancellationToken),
            "session",
            counter => counter.Sessions);
    }

    private static Command Make(
        Surroundings surroundings, Command command, Func<Call, Query> path, Func<Call, CancellationToken, Task<long>> total, string thing,
        Func<DocumentCounter, long> done)
    {
        var output = Names.Text("--output", "The file to write; the standard output if not given, or -.", "-o");
        var compress = Names.Text("--compress", "none (the default), gzip or zstd.");
        var skip = Names.Flag("--skip-damaged", "Leave out what is damaged; the header says what that is.");
        return command.Takes(output, compress, skip).Does(surroundings, async (call, cancellationToken) =>
        {
            var (file, coding) = (Names.FileOf(call.Get(output)), call.Get(compress) ?? "none");
            if (file is null && call.Surroundings.OutputIsTerminal)
            {
                throw new CliException(ExitCode.Usage, "A document is not for a terminal.", "Name a file with --output FILE, or give it to a pipe.");
            }

            // What is compressed cannot be counted as it comes.
            var isCounted = coding == "none";
            var all = isCounted && Progress.IsSeen(call.Screen) ? await total(call, cancellationToken) : (long?)null;
            using var response = await call.Http.OpenAsync(
                path(call).With("compress", coding).With("skipDamaged", call.Get(skip) ? "true" : null), null, cancellationToken);
            var counter = new DocumentCounter();
            var written = await CopyAsync(call, response, file, all is null ? null : counter, all, thing, done, cancellationToken);
            if (file is not null)
            {
                call.Screen.Note($"Wrote {Said.Bytes(written)} to {file}.");
            }
        });
    }

    private static async Task<long> CopyAsync(
        Call call, HttpResponseMessage response, string? file, DocumentCounter? counter, long? total, string thing, Func<DocumentCounter, long> done,
        CancellationToken cancellationToken)
    {
        await using var target = file is null ? null : OutputFile.Create(file);
        var written = 0L;
        var output = target?.Stream ?? call.Screen.Raw;
        using (var progress = counter is null
            ? new Progress(call.Screen, "exporting", null, Said.Bytes)
            : new Progress(call.Screen, "exporting", total, count => Said.Count((long)count, thing)))
        {
            await using var source = await response.Content.ReadAsStreamAsync(cancellationToken);
            var buffer = new byte[BufferBytes];
            int read;
            while ((read = await ReadAsync(call, source, buffer, cancellationToken)) > 0)
            {
                await output.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                written += read;
                var before = counter is null ? 0 : done(counter);
                counter?.Add(buffer.AsSpan(0, read));
                progress.Add(counter is null ? read : done(counter) - before);
            }
        }

        if (target is not null)
        {
            await target.CompleteAsync();
        }

        return written;
    }

    private static async ValueTask<int> ReadAsync(Call call, Stream source, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await source.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw new CliException(
                ExitCode.Unavailable, $"The export from {call.Http.Url} broke off: {exception.Message}", "What was written so far is no whole document. Give the command again.",
                exception);
        }
    }
}
