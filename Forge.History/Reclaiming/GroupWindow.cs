using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Rows;

namespace Forge.History.Reclaiming;

/// <summary>Where the rows of some groups are, for a step that looks at them all.</summary>
/// <param name="Labels">The groups.</param>
/// <param name="Ranges">Sequences among which all their rows are, rising and apart.</param>
/// <param name="IsWhole">False if groups were left for another step.</param>
internal sealed record GroupWindow(HashSet<long> Labels, IReadOnlyList<SequenceRange> Ranges, bool IsWhole)
{
    /// <summary>How many sequences a step looks through at the most, but for one group.</summary>
    private const long MostSequences = 16 * ChainEnd.MaxSpan;

    /// <param name="labels">The groups of the rows that are to go, in any order.</param>
    public static GroupWindow Of(IEnumerable<long> labels)
    {
        var (taken, ranges, sequences) = (new HashSet<long>(), new List<SequenceRange>(), 0L);
        foreach (var label in labels.Distinct().Order())
        {
            var range = new SequenceRange(label, label + ChainEnd.MaxSpan);
            var joins = ranges is [.., var before] && label <= before.Last + 1;
            var added = joins ? range.Last - ranges[^1].Last : ChainEnd.MaxSpan + 1;
            if (taken.Count > 0 && sequences + added > MostSequences)
            {
                return new GroupWindow(taken, ranges, IsWhole: false);
            }

            taken.Add(label);
            sequences += added;
            if (joins)
            {
                ranges[^1] = ranges[^1] with { Last = range.Last };
            }
            else
            {
                ranges.Add(range);
            }
        }

        return new GroupWindow(taken, ranges, IsWhole: true);
    }
}
