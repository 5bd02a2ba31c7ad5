using Forge.History.Chain;
using Forge.History.Changes;

namespace Forge.History.Reclaiming;

/// <summary>
/// Which events a log may let go of that are old enough: those that a verification of what is still stored needs stay
/// (docs/integrity.md).
/// </summary>
internal static class EventTrim
{
    /// <summary>How many sequences of stored rows one step looks at; what lies behind them counts as stored.</summary>
    public const int MostStored = 100_000;

    /// <summary>The greatest sequence that events say something of.</summary>
    public static long LastSequence(IEnumerable<SessionEvent> events) =>
        events.Max(e => Math.Max(e.Sequence, e.LastSequence));

    /// <summary>Those of a page of events, by rising position, that go.</summary>
    public static List<SessionEvent> Going(IReadOnlyList<SessionEvent> page, StoredFacts facts)
    {
        // Of the tags of a checkpoint the first change tells what they were at first, and the last what they are.
        var (first, last) = (new Dictionary<long, long>(), new Dictionary<long, long>());
        foreach (var happened in page.Where(e => e.Kind == SessionEventKind.Tagged))
        {
            first.TryAdd(happened.Sequence, happened.Position);
            last[happened.Sequence] = happened.Position;
        }

        return [.. page.Where(happened => !(happened.Kind switch
        {
            // A damage stays where it is, to be found.
            SessionEventKind.Created => RemovedCheckpoint.Read(happened) is null,
            SessionEventKind.Restored or SessionEventKind.Claimed or SessionEventKind.Released
                or SessionEventKind.Revived or SessionEventKind.Written
                or SessionEventKind.EffectBegun or SessionEventKind.EffectCompleted or SessionEventKind.EffectFailed
                or SessionEventKind.EffectResolved or SessionEventKind.EffectRefused
                or SessionEventKind.CheckpointMissed => false,
            SessionEventKind.Deleted => facts.IsStored(happened.Sequence),
            SessionEventKind.Annotated => facts.Annotations.Contains((happened.Sequence, happened.Position)),
            SessionEventKind.Tagged => facts.IsStored(happened.Sequence)
                && (first[happened.Sequence] == happened.Position || last[happened.Sequence] == happened.Position),
            SessionEventKind.Compacted => IsNeeded(EventDetail.Read(happened.Detail), facts),
            _ => true,
        }))];
    }

    private static bool IsNeeded(EventDetail? compaction, StoredFacts facts)
    {
        var ranges = EventDetail.RangesOf(compaction?.Ranges).Concat(EventDetail.RangesOf(compaction?.TrunkRanges));
        return ranges.Any(range => facts.IsAnyStored(range.First, range.Last)) || (compaction?.Trunks?.Any(facts.IsStored) ?? false);
    }
}

/// <summary>What is still stored of what events are of.</summary>
/// <param name="stored">The sequences of all rows of checkpoints, hidden ones too, rising, at most
/// <see cref="EventTrim.MostStored"/> of them.</param>
/// <param name="annotations">The sequences and positions of annotations.</param>
internal sealed class StoredFacts(List<long> stored, IReadOnlySet<(long Sequence, long Position)> annotations)
{
    public IReadOnlySet<(long Sequence, long Position)> Annotations { get; } = annotations;

    public bool IsStored(long sequence) => IsAnyStored(sequence, sequence);

    /// <summary>True if a row of these sequences is stored, or may be, since not all were looked at.</summary>
    public bool IsAnyStored(long first, long last)
    {
        var at = stored.BinarySearch(first);
        at = at < 0 ? ~at : at;
        return at < stored.Count ? stored[at] <= last : stored.Count == EventTrim.MostStored;
    }
}
