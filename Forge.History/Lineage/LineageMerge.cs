using Forge.History.Chain;
using Forge.History.Rows;

namespace Forge.History.Lineage;

/// <summary>Adds checkpoints that go to what is known of the ancestors of those that went.</summary>
internal static class LineageMerge
{
    /// <summary>
    /// The records that there are afterwards in place of <paramref name="near"/>, by rising sequence. Each names an ancestor that has no
    /// record, so that one look tells it.
    /// </summary>
    /// <param name="near">
    /// Records, apart from each other: those that tell of what goes, of its parents or of its neighbours, and those that name what goes.
    /// </param>
    /// <param name="going">What goes; what has a record already is as it was.</param>
    public static List<RemovedLineage> With(IEnumerable<RemovedLineage> near, IEnumerable<(long Sequence, long Parent)> going)
    {
        List<RemovedLineage> known = [.. near.OrderBy(record => record.First)];
        var noted = new Dictionary<long, long>();

        // A parent has a lesser sequence, so that all is known of it before its children come.
        foreach (var (sequence, parent) in going.OrderBy(row => row.Sequence))
        {
            if (Find(known, sequence) is null)
            {
                noted.TryAdd(sequence, Resolve(parent));
            }
        }

        var after = new List<RemovedLineage>(known.Count + noted.Count);
        foreach (var record in known.Select(record => Of(record.First, record.Last, Resolve(record.Ancestor)))
            .Concat(noted.Select(one => Of(one.Key, one.Key, one.Value)))
            .OrderBy(record => record.First))
        {
            if (after is [.., var before] && before.Last + 1 == record.First && before.Ancestor == record.Ancestor)
            {
                after[^1] = Of(before.First, record.Last, record.Ancestor);
            }
            else
            {
                after.Add(record);
            }
        }

        return after;

        // It only ever falls, whatever a damaged record says.
        long Resolve(long at)
        {
            while ((noted.TryGetValue(at, out var ancestor) ? ancestor : Find(known, at)?.Ancestor) is { } next && next < at)
            {
                at = next;
            }

            return at;
        }
    }

    /// <summary>The record that tells of a sequence; null if none does.</summary>
    /// <param name="records">Records apart from each other, by rising sequence.</param>
    /// <param name="sequence">The sequence.</param>
    public static RemovedLineage? Find(List<RemovedLineage> records, long sequence)
    {
        var (low, high) = (0, records.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = records[middle].First <= sequence ? (middle + 1, high) : (low, middle);
        }

        return low > 0 && records[low - 1].Last >= sequence ? records[low - 1] : null;
    }

    private static RemovedLineage Of(long first, long last, long ancestor) =>
        new(first, last, ancestor, RowSeal.OfLineage(first, last, ancestor));
}
