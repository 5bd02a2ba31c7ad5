using Forge.Cli.Http;
using Forge.Cli.Terminal;

namespace Forge.Cli.Events;

/// <summary>Events in words, made harmless.</summary>
internal static class EventWords
{
    public static string Say(EventShape happened) => happened.Kind switch
    {
        "created" => $"#{happened.Sequence} created{On(happened)}: {Harmless.Line(happened.Message ?? "(removed since)")}{Tags(happened.Tags)}",
        "restored" => $"restored #{happened.Sequence}{On(happened)}{(happened.Undo is { } undo ? $", was #{undo}" : "")}",
        "deleted" => $"#{happened.Sequence} deleted",
        "compacted" => happened.Remaining == 0 ? $"cleared: {happened.Deleted} went" : $"compacted: {happened.Deleted} went, {happened.Remaining} stay",
        "annotated" => $"#{happened.Sequence} noted ({Harmless.Line(happened.Severity)}): {Harmless.Line(happened.Text ?? "(removed since)")}",
        "tagged" => $"#{happened.Sequence} tagged: {(happened.Tags is { Count: > 0 } tags ? Harmless.Line(string.Join(", ", tags)) : "no tags")}",
        "written" => $"#{happened.Sequence} got pending writes: {Harmless.Line(string.Join(", ", (happened.Writes ?? []).Select(write => $"{write.Task}/{write.Name}")))}",
        "imported" => $"imported {happened.Count}: #{happened.First} to #{happened.Last}",
        "forked" => $"forked from #{happened.Origin?.Sequence} of {Harmless.Line(happened.Origin?.Session)}",
        "claimed" => $"claimed by {Harmless.Line(happened.Owner)}, epoch {happened.Epoch}{(happened.Until is { } until ? $", until {Said.Time(until)}" : "")}",
        "released" => $"released by {Harmless.Line(happened.Owner)}, epoch {happened.Epoch}",
        "revived" => "revived",
        "checkpointMissed" => $"a checkpoint was missed ({Harmless.Line(happened.Trigger)})",
        "effectsImported" => $"{happened.Count} effects came along",
        _ when happened.Effect is { } effect => Say(happened.Kind, effect),
        _ => Harmless.Line(happened.Kind),
    };

    private static string Say(string kind, EventEffectShape effect)
    {
        var what = kind switch
        {
            "effectBegun" => "begun",
            "effectCompleted" => "completed",
            "effectFailed" => "failed",
            "effectResolved" => $"resolved as {Harmless.Line(effect.Verdict)} by {Harmless.Line(effect.By)}",
            "effectRefused" => $"refused what came too late ({Harmless.Line(effect.Verdict)})",
            _ => Harmless.Line(kind),
        };
        return $"effect {Harmless.Line(effect.Key)} ({Harmless.Line(effect.Class)}, run {effect.Epoch}) {what}{(effect.Reason is { } reason ? $": {Harmless.Line(reason)}" : "")}";
    }

    private static string On(EventShape happened) => happened.Branch is null or "main" ? "" : $" on {Harmless.Line(happened.Branch)}";

    private static string Tags(IReadOnlyList<string>? tags) => tags is { Count: > 0 } ? $" [{Harmless.Line(string.Join(", ", tags))}]" : "";
}
