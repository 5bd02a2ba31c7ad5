using System.CommandLine;
using System.Globalization;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Sessions;

/// <summary><c>forge session verify</c>.</summary>
internal static class VerifyCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var anchors = Names.Many("--anchor", "An anchor from an earlier answer, as POSITION:CHAIN; may be given several times.");
        return new Command("verify", "Check all that is stored of a session against its chain.")
            .Takes(session, anchors)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                (long Position, string Chain)[] given = [.. call.Get(anchors)!.Select(Parse)];
                var body = given.Length == 0 ? null : Body.Object(writer =>
                {
                    writer.WriteStartArray("anchors");
                    foreach (var (position, chain) in given)
                    {
                        writer.WriteStartObject();
                        writer.WriteNumber("position", position);
                        writer.WriteString("chain", chain);
                        writer.WriteEndObject();
                    }

                    writer.WriteEndArray();
                });
                var path = Query.Session(call.Get(session), "/verify");
                var answer = await ElapsedAsync(
                    call, () => call.Http.SendAsync(HttpMethod.Post, path, body, Change.None, ShapesJson.Default.VerifyShape, cancellationToken));
                call.Show(answer, found => Tell(call.Screen, found));
                return answer.Value is { Invalid: 0 } found && found.Anchors.All(anchor => anchor.Outcome != "broken") ? ExitCode.Done : ExitCode.NotTheSame;
            });
    }

    /// <summary>A damage in words.</summary>
    internal static string Say(DamageShape damage) =>
        $"{damage.Kind}{(damage.Sequence is { } sequence ? $" of #{sequence}" : "")}{(damage.Position is { } position ? $" at position {position}" : "")}: {Harmless.Line(damage.Problem)}";

    private static void Tell(Screen screen, VerifyShape found)
    {
        screen.Line($"{Said.Count(found.Valid, "checkpoint")} as saved, {Said.Count(found.Invalid, "damaged place")}.");
        if (found.Unopened > 0)
        {
            screen.Line($"{Said.Count(found.Unopened, "checkpoint")} encrypted by a key that the silo does not have: not checked as a whole.");
        }

        foreach (var damage in found.Damages)
        {
            screen.Line(new Spectre.Console.Rendering.Segment($"  {Say(damage)}", Styles.Bad));
        }

        foreach (var anchor in found.Anchors)
        {
            screen.Line($"Anchor at position {anchor.Position}: {anchor.Outcome}.");
        }

        if (found is { Position: { } position, Chain: { } chain })
        {
            screen.Line($"Anchor to keep: {position}:{chain}");
        }
    }

    private static (long Position, string Chain) Parse(string text) =>
        text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && long.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            ? (position, text[(colon + 1)..])
            : throw new CliException(ExitCode.Usage, $"'{text}' is no anchor.", "Give it as POSITION:CHAIN, as `forge session info` shows it.");

    /// <summary>Says how long it has been going on; nothing tells how far it is.</summary>
    private static async Task<T> ElapsedAsync<T>(Call call, Func<Task<T>> run)
    {
        using var progress = new Progress(call.Screen, "verifying for", null, seconds => Said.Span(TimeSpan.FromSeconds(seconds)), hasRate: false);
        using var timer = call.Surroundings.Time.CreateTimer(_ => progress.Add(1), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        return await run();
    }
}
