using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Events;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Profiles;
using Forge.Cli.Terminal;
using Spectre.Console.Rendering;

namespace Forge.Cli.Watching;

/// <summary><c>forge watch</c>.</summary>
internal static class WatchCommand
{
    public static Command Make(Surroundings surroundings)
    {
        var session = new Argument<string?>("session") { Description = "The session; all of the tenant if not given.", Arity = ArgumentArity.ZeroOrOne };
        var after = Names.Text("--after", "Begin behind this: a position of the session, or a cursor of the feed.");
        var all = Names.Flag("--all", "Begin with the oldest event that is kept; with what happens from now on if not given.");
        var prefix = Names.Text("--prefix", "Of the feed: only sessions whose names begin so.");
        var labels = Names.Many("--label", "Of the feed: only sessions with this label, as name:value; may be given several times.");
        var kinds = Names.Many("--kind", "Only events of this kind; may be given several times.");
        var count = new Option<long?>("--count", "-n") { Description = "End after this many events." };
        return new Command("watch", "Tell what happens in a session, or in all of the tenant, as it happens.")
            .Takes(session, after, all, prefix, labels, kinds, count)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                if (call.Get(session) is not null && (call.Has(prefix) || call.Has(labels)))
                {
                    throw new CliException(ExitCode.Usage, "--prefix and --label are of the feed of all sessions.", "Leave the session out, or them.");
                }

                if (call.Get(after) is { } behind && !ConnectionChoice.IsOfAHeader(behind))
                {
                    throw new CliException(ExitCode.Usage, $"--after does not understand '{behind}'.", "Give a position of a session, or a cursor of the feed.");
                }

                var most = call.Get(count) ?? long.MaxValue;
                var stream = call.Get(session) is { } name
                    ? await OfSessionAsync(call, name, call.Get(after), call.Get(all), cancellationToken)
                    : new EventStream(
                        call, new Query("v1/feed").With("prefix", call.Get(prefix)).With("label", call.Get(labels)!).With("kind", call.Get(kinds)!),
                        call.Get(after) ?? (call.Get(all) ? null : "latest"));
                if (most <= 0)
                {
                    return;
                }

                await foreach (var happened in stream.ReadAsync(cancellationToken))
                {
                    // The stream of a session tells of all kinds; that of the feed was asked for some.
                    if (call.Get(kinds) is { Length: > 0 } wanted && !wanted.Contains(happened.EventType, StringComparer.Ordinal))
                    {
                        continue;
                    }

                    Write(call, happened.Data, isOfFeed: call.Get(session) is null);
                    call.Screen.Flush();
                    if (--most == 0)
                    {
                        return;
                    }
                }
            });
    }

    private static async Task<EventStream> OfSessionAsync(Call call, string session, string? after, bool all, CancellationToken cancellationToken)
    {
        if (after is null && !all)
        {
            after = Said.Number(await PositionAsync(call, session, cancellationToken));
        }

        return new EventStream(call, new Query(Query.Session(session, "/events")), after);
    }

    /// <summary>The newest position of the session; 0 if it is not there yet, and is waited for.</summary>
    private static async Task<long> PositionAsync(Call call, string session, CancellationToken cancellationToken)
    {
        try
        {
            return (await call.Http.GetAsync(Query.Session(session), ShapesJson.Default.SessionShape, cancellationToken)).Value.LastPosition;
        }
        catch (ProblemException exception) when (exception.Problem == "session_not_found")
        {
            call.Screen.Note("The session is not there yet; waiting for it.");
            return 0;
        }
    }

    private static void Write(Call call, string data, bool isOfFeed)
    {
        if (call.Json)
        {
            call.Screen.Json(data);
            return;
        }

        var found = isOfFeed ? System.Text.Json.JsonSerializer.Deserialize(data, ShapesJson.Default.FeedEventShape)! : null;
        var happened = found?.Event ?? System.Text.Json.JsonSerializer.Deserialize(data, ShapesJson.Default.EventShape)!;
        call.Screen.Line(
        [
            new Segment($"{Said.Time(happened.At)} ", Styles.Dim),
            new Segment(found is null ? "" : $"{Harmless.Line(found.Session)} ", Styles.Name),
            new Segment($"{happened.Position} ", Styles.Dim),
            new Segment(EventWords.Say(happened)),
        ]);
    }
}
