using System.Text.Json;
using Forge.Cli.Http;

namespace Forge.Cli.Timelines;

/// <summary>What a timeline shows of a session, the newest first.</summary>
/// <param name="Entries">Checkpoints and events in their places.</param>
/// <param name="Notes">The notes by the sequence of their checkpoint, the oldest first.</param>
/// <param name="HasMore">True if there are older checkpoints than were asked for.</param>
internal sealed record SessionTimeline(IReadOnlyList<TimelineEntry> Entries, ILookup<long, EventShape> Notes, bool HasMore)
{
    /// <summary>The events that have a line of their own; the others belong to a checkpoint, or are one.</summary>
    private static readonly string[] Shown =
    [
        "restored", "deleted", "compacted", "tagged", "imported", "forked", "claimed", "released", "revived", "checkpointMissed", "effectBegun", "effectCompleted",
        "effectFailed", "effectResolved", "effectRefused", "effectsImported",
    ];

    /// <summary>Puts together what was read.</summary>
    /// <param name="checkpoints">Checkpoints, the newest first.</param>
    /// <param name="branches">The branches, which say what is current.</param>
    /// <param name="events">Events by rising position.</param>
    /// <param name="filter">Which checkpoints are shown.</param>
    /// <param name="withEvents">False to show checkpoints alone.</param>
    /// <param name="hasMore">True if there are older checkpoints.</param>
    public static SessionTimeline Of(
        IReadOnlyList<Item<CheckpointShape>> checkpoints, BranchesShape branches, IReadOnlyList<(EventShape Event, JsonElement Json)> events,
        Func<CheckpointShape, bool> filter, bool withEvents, bool hasMore)
    {
        var all = checkpoints.ToDictionary(item => item.Value.Sequence, item => item.Value);
        var current = branches.Items.Where(branch => branch.Current is not null).ToLookup(branch => branch.Current!.Sequence, branch => branch.Branch);
        var kept = Ancestry(all, current.Select(group => group.Key));
        var entries = new List<TimelineEntry>();

        // What happened before the oldest checkpoint that is read is of what is not shown.
        var oldest = hasMore && checkpoints.Count > 0 ? checkpoints[^1].Value.Position ?? 0 : 0;
        var left = new Stack<(EventShape Event, JsonElement Json)>(
            events.Where(happened => withEvents && happened.Event.Position > oldest && Shown.Contains(happened.Event.Kind)));
        foreach (var item in checkpoints.OrderByDescending(item => item.Value.Sequence))
        {
            while (left.TryPeek(out var happened) && happened.Event.Position > (item.Value.Position ?? 0))
            {
                left.Pop();
                entries.Add(new TimelineEntry(null, happened.Event, happened.Json, [], null, false));
            }

            if (filter(item.Value))
            {
                entries.Add(new TimelineEntry(
                    item.Value, null, item.Json, [.. current[item.Value.Sequence]], ShownParent(item.Value, all, filter), !kept.Contains(item.Value.Sequence)));
            }
        }

        entries.AddRange(left.Select(happened => new TimelineEntry(null, happened.Event, happened.Json, [], null, false)));
        return new SessionTimeline(
            entries, events.Where(happened => happened.Event is { Kind: "annotated", Text: not null }).ToLookup(happened => happened.Event.Sequence ?? 0, happened => happened.Event), hasMore);
    }

    /// <summary>What is current and all that it goes back to. The rest was abandoned by a restore.</summary>
    private static HashSet<long> Ancestry(Dictionary<long, CheckpointShape> all, IEnumerable<long> current)
    {
        var kept = new HashSet<long>();
        foreach (var tip in current)
        {
            for (long? sequence = tip; sequence is { } at && kept.Add(at); sequence = all.TryGetValue(at, out var checkpoint) ? checkpoint.KeptParent : null)
            {
            }
        }

        return kept;
    }

    private static long? ShownParent(CheckpointShape checkpoint, Dictionary<long, CheckpointShape> all, Func<CheckpointShape, bool> filter)
    {
        var parent = checkpoint.KeptParent;
        while (parent is { } at && all.TryGetValue(at, out var ancestor) && !filter(ancestor))
        {
            parent = ancestor.KeptParent;
        }

        return parent;
    }
}

/// <summary>A checkpoint or an event of a timeline.</summary>
/// <param name="Checkpoint">The checkpoint; null of an event.</param>
/// <param name="Event">The event; null of a checkpoint.</param>
/// <param name="Json">All of it.</param>
/// <param name="CurrentOf">The branches that it is the current one of.</param>
/// <param name="Parent">Its nearest ancestor that is shown; null for none.</param>
/// <param name="IsAbandoned">True if nothing that is current goes back to it.</param>
internal sealed record TimelineEntry(
    CheckpointShape? Checkpoint, EventShape? Event, JsonElement Json, IReadOnlyList<string> CurrentOf, long? Parent, bool IsAbandoned);
