using System.CommandLine;
using System.Text.Json;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;
using Forge.Cli.Http;
using Forge.Cli.Terminal;
using Spectre.Console.Rendering;

namespace Forge.Cli.Timelines;

/// <summary><c>forge session timeline</c>.</summary>
internal static class TimelineCommand
{
    private const int PageSize = 1_000;

    public static Command Make(Surroundings surroundings)
    {
        var session = Names.Session();
        var branch = Names.Branch("Only checkpoints of this branch.");
        var tag = Names.Text("--tag", "Only checkpoints with this tag.", "-t");
        var trigger = Names.Text("--trigger", "Only checkpoints with this trigger.");
        var text = Names.Text("--text", "Only checkpoints whose message has this in it.");
        var noEvents = Names.Flag("--no-events", "Checkpoints alone, without claims, effects, restores and the rest.");
        var ascii = Names.Flag("--ascii", "Draw with letters that every terminal has.");
        var list = new ListOptions();
        return new Command("timeline", "Draw a session, the newest first, with its branches as lanes.")
            .Takes(session, branch, tag, trigger, text, noEvents, ascii, list.Limit, list.All)
            .Does(surroundings, async (call, cancellationToken) =>
            {
                var limit = call.Get(list.All) ? long.MaxValue : call.Get(list.Limit);
                var filter = FilterOf(call.Get(branch), call.Get(tag), call.Get(trigger), call.Get(text));
                var timeline = await ReadAsync(call, call.Get(session), limit, filter, !call.Get(noEvents), cancellationToken);
                if (call.Json)
                {
                    WriteJson(call.Screen, timeline);
                    return;
                }

                await WriteHeadAsync(call, call.Get(session), cancellationToken);
                new TimelineDrawing(call.Screen, call.Get(ascii) ? Glyphs.Ascii : Glyphs.Drawn).Write(timeline);
            });
    }

    private static Func<CheckpointShape, bool> FilterOf(string? branch, string? tag, string? trigger, string? text) => checkpoint =>
        (branch is null || checkpoint.Branch == branch)
        && (tag is null || checkpoint.Tags.Contains(tag))
        && (trigger is null || checkpoint.Trigger == trigger)
        && (text is null || checkpoint.Message.Contains(text, StringComparison.OrdinalIgnoreCase));

    private static async Task<SessionTimeline> ReadAsync(
        Call call, string session, long limit, Func<CheckpointShape, bool> filter, bool withEvents, CancellationToken cancellationToken)
    {
        var checkpoints = new List<Item<CheckpointShape>>();
        await foreach (var item in call.Http.ListAsync(
            (cursor, size) => new Query(Query.Session(session, "/checkpoints")).With("limit", size).With("cursor", cursor),
            ShapesJson.Default.CheckpointShape, limit, cancellationToken))
        {
            checkpoints.Add(item);
        }

        var hasMore = checkpoints is [.., { Next: not null }];
        var branches = await call.Http.GetAsync(Query.Session(session, "/branches"), ShapesJson.Default.BranchesShape, cancellationToken);
        var after = hasMore ? (checkpoints[^1].Value.Position ?? 1) - 1 : (long?)null;
        var events = await ReadEventsAsync(call, session, after, cancellationToken);
        return SessionTimeline.Of(checkpoints, branches.Value, events, filter, withEvents, hasMore);
    }

    private static async Task<List<(EventShape Event, JsonElement Json)>> ReadEventsAsync(
        Call call, string session, long? after, CancellationToken cancellationToken)
    {
        var events = new List<(EventShape, JsonElement)>();
        do
        {
            Answer<EventPageShape> page;
            try
            {
                page = await call.Http.GetAsync(
                    new Query(Query.Session(session, "/events")).With("after", after).With("limit", PageSize), ShapesJson.Default.EventPageShape, cancellationToken);
            }
            catch (ProblemException exception) when (exception.Problem == "position_expired" && after is not null)
            {
                // What is older is not kept any more; what is there is shown.
                after = null;
                page = await call.Http.GetAsync(
                    new Query(Query.Session(session, "/events")).With("limit", PageSize), ShapesJson.Default.EventPageShape, cancellationToken);
            }

            events.AddRange(page.Value.Items.Zip(page.Json.GetProperty("items").EnumerateArray()));
            after = page.Value.Next;
        }
        while (after is not null);
        return events;
    }

    private static async Task WriteHeadAsync(Call call, string session, CancellationToken cancellationToken)
    {
        var info = (await call.Http.GetAsync(Query.Session(session), ShapesJson.Default.SessionShape, cancellationToken)).Value;
        call.Screen.Line(
            new Segment(Harmless.Line(info.Session), Styles.Strong), new Segment($"  {Said.Count(info.Count, "checkpoint")}, {Said.Bytes(info.Bytes)}", Styles.Dim));
        if (info.Claim is { Owner: { } owner } claim)
        {
            call.Screen.Line(new Segment(
                $"claimed by {Harmless.Line(owner)}, epoch {claim.Epoch}{(claim.Until is { } until ? $", until {Said.Time(until)}" : "")}", Styles.Warning));
        }
    }

    private static void WriteJson(Screen screen, SessionTimeline timeline)
    {
        var lanes = new Lanes();
        foreach (var entry in timeline.Entries)
        {
            screen.Json(entry.Checkpoint is { } checkpoint
                ? $"{{\"kind\":\"checkpoint\",\"lane\":{lanes.Take(checkpoint.Sequence, entry.Parent, entry.IsAbandoned).Own},\"abandoned\":{(entry.IsAbandoned ? "true" : "false")},\"currentOf\":[{string.Join(",", entry.CurrentOf.Select(Quote))}],\"checkpoint\":{entry.Json.GetRawText()}}}"
                : $"{{\"kind\":\"event\",\"event\":{entry.Json.GetRawText()}}}");
        }
    }

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
