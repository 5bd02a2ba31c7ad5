using System.CommandLine;
using System.Text.Json;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Portability;
using Forge.Cli.Terminal;
using Spectre.Console.Rendering;

namespace Forge.Cli.Tenants;

/// <summary><c>forge tenant verify</c>.</summary>
internal static class VerifyTenantCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var after = Names.Text("--after", "Only sessions whose names come after this one: to go on where a verification broke off.");
        return new Command("verify", "Check all that is stored of every session against its chain.")
            .Takes(after)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                long? total = Progress.IsSeen(call.Screen) && call.Get(after) is null ? await SessionCount.OfAsync(call, null, cancellationToken) : null;
                using var progress = new Progress(call.Screen, "verifying", total, count => Said.Count((long)count, "session"));
                using var response = await call.Http.SendOnceAsync(
                    () => new HttpRequestMessage(HttpMethod.Post, new Uri(new Query("v1/verify").With("after", call.Get(after)).ToString(), UriKind.Relative)),
                    isChange: false, cancellationToken);
                return await TellAsync(call, response, progress, cancellationToken);
            });
    }

    private static async Task<ExitCode> TellAsync(Call call, HttpResponseMessage response, Progress progress, CancellationToken cancellationToken)
    {
        string? last = null;
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await ReadAsync(call, lines, last, cancellationToken) is { } text)
        {
            if (call.Json)
            {
                call.Screen.Json(text);
            }

            var line = JsonSerializer.Deserialize(text, ShapesJson.Default.VerifiedLineShape)!;
            if (line.Session is null)
            {
                if (!call.Json)
                {
                    call.Screen.Line(
                        $"{Said.Count(line.Sessions ?? 0, "session")}, of which {line.Damaged} damaged; {Said.Count(line.Valid, "checkpoint")} as saved, {Said.Count(line.Invalid, "damaged place")}.");
                }

                return line.Invalid == 0 ? ExitCode.Done : ExitCode.NotTheSame;
            }

            last = line.Session;
            progress.Add(1);
            if (!call.Json && line.FirstInvalid is { } damage)
            {
                call.Screen.Line(new Segment($"{Harmless.Line(line.Session)}: {Said.Count(line.Invalid, "damaged place")}, the first: {damage.Kind}: {Harmless.Line(damage.Problem)}", Styles.Bad));
            }
        }

        throw BrokeOff(call, last, null);
    }

    private static async Task<string?> ReadAsync(Call call, StreamReader lines, string? last, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.ReadLineAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw BrokeOff(call, last, exception);
        }
    }

    private static CliException BrokeOff(Call call, string? last, Exception? exception) => new(
        ExitCode.Unavailable, $"The verification at {call.Http.Url} broke off.",
        last is null ? "Give the command again." : $"Go on with `forge tenant verify --after {Shell.Quote(last)}{call.SameSilo}`.", exception);
}
