using Forge.Cli.Events;
using Forge.Cli.Http;
using Forge.Cli.Terminal;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Forge.Cli.Timelines;

/// <summary>Draws a timeline as a graph log.</summary>
internal sealed class TimelineDrawing(Screen screen, Glyphs glyphs)
{
    private readonly Lanes _lanes = new();

    public void Write(SessionTimeline timeline)
    {
        foreach (var entry in timeline.Entries)
        {
            if (entry.Checkpoint is { } checkpoint)
            {
                WriteCheckpoint(entry, checkpoint);
                foreach (var note in timeline.Notes[checkpoint.Sequence])
                {
                    Style style = note.Severity switch
                    {
                        "critical" => Styles.Bad,
                        "warning" => Styles.Warning,
                        _ => Styles.Plain,
                    };
                    screen.Line([.. Bars(), new Segment($"  {glyphs.Note} {note.Severity}: {Harmless.Line(note.Text)}", style)]);
                }
            }
            else
            {
                WriteEvent(entry.Event!);
            }
        }

        if (timeline.HasMore)
        {
            screen.Line([.. Bars(), new Segment("  older ones: --limit N or --all", Styles.Dim)]);
        }
    }

    private void WriteCheckpoint(TimelineEntry entry, CheckpointShape checkpoint)
    {
        var place = _lanes.Take(checkpoint.Sequence, entry.Parent, entry.IsAbandoned);
        if (place.Ending.Count > 0)
        {
            screen.Line(Join(place));
        }

        var (own, after) = (place.Own, _lanes.Open);
        var line = new List<Segment>();
        for (var lane = 0; lane < Math.Max(after.Count, own + 1); lane++)
        {
            line.Add(lane == own
                ? new Segment(
                    entry.CurrentOf.Count > 0 ? glyphs.Current : entry.IsAbandoned ? glyphs.Abandoned : glyphs.Checkpoint,
                    entry.IsAbandoned ? Styles.Dim : StyleOf(lane))
                : Bar(lane, place.Ending.Contains(lane) ? null : after[lane]));
            line.Add(new Segment(" "));
        }

        Style text = entry.IsAbandoned ? Styles.Dim : Styles.Plain;
        line.Add(new Segment($"#{checkpoint.Sequence} ", entry.IsAbandoned ? Styles.Dim : Styles.Strong));
        line.Add(new Segment(Harmless.Line(checkpoint.Message), text));
        if (checkpoint.Tags.Count > 0)
        {
            line.Add(new Segment($" [{Harmless.Line(string.Join(", ", checkpoint.Tags))}]", entry.IsAbandoned ? Styles.Dim : Styles.Tag));
        }

        if (checkpoint.Branch is { } branch and not "main")
        {
            line.Add(new Segment($" ({Harmless.Line(branch)})", Styles.Dim));
        }

        if (entry.CurrentOf.Count > 0)
        {
            line.Add(new Segment($" <- {Harmless.Line(string.Join(", ", entry.CurrentOf))}", Styles.Name));
        }

        if (entry.IsAbandoned)
        {
            line.Add(new Segment(" (abandoned)", Styles.Dim));
        }

        line.Add(new Segment(
            $"  {Said.Time(checkpoint.CreatedAt)}, {Said.Bytes(checkpoint.Size)}{(checkpoint.Trigger == "manual" ? "" : $", {Harmless.Line(checkpoint.Trigger)}")}", Styles.Dim));
        screen.Line(line);
    }

    private void WriteEvent(EventShape happened)
    {
        var glyph = happened.Kind switch
        {
            "claimed" or "released" => glyphs.Claim,
            "restored" => glyphs.Restore,
            _ when happened.Effect is not null => glyphs.Effect,
            _ => glyphs.Event,
        };
        screen.Line([.. Bars(), new Segment($"  {glyph} {EventWords.Say(happened)}  {Said.Time(happened.At)}", happened.Kind is "effectFailed" or "effectRefused" ? Styles.Warning : Styles.Dim)]);
    }

    /// <summary>The line above a checkpoint that others left: their lanes come over to its own.</summary>
    private List<Segment> Join(Place place)
    {
        var line = new List<Segment>();
        var last = place.Ending[^1];
        for (var lane = 0; lane < place.Before.Count; lane++)
        {
            var isEnding = place.Ending.Contains(lane);
            var isCrossed = lane > place.Own && lane < last;
            var style = StyleOf(lane);
            line.Add(lane == place.Own ? new Segment(glyphs.Fork, StyleOf(lane))
                : isEnding && lane == last ? new Segment(glyphs.End, style)
                : isCrossed ? new Segment(isEnding ? glyphs.Join : place.Before[lane] is null ? glyphs.Across : glyphs.Cross, style)
                : Bar(lane, place.Before[lane]));
            line.Add(new Segment(lane >= place.Own && lane < last ? glyphs.Across : " ", StyleOf(last)));
        }

        return line;
    }

    private List<Segment> Bars() =>
        [.. _lanes.Open.SelectMany((waiting, lane) => new[] { Bar(lane, waiting), new Segment(" ") })];

    private Segment Bar(int lane, Lane? waiting) => waiting is null
        ? new Segment(" ")
        : new Segment(glyphs.Line, waiting.IsAbandoned ? Styles.Dim : StyleOf(lane));

    private static Style StyleOf(int lane) => Styles.Lanes[lane % Styles.Lanes.Count];
}
