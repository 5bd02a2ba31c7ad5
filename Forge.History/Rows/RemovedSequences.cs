using Forge.History.Changes;

namespace Forge.History.Rows;

/// <summary>The sequences that ranges of a session cover, to be asked many times.</summary>
internal readonly struct RemovedSequences
{
    private readonly List<SequenceRange>? _ranges;

    /// <param name="ranges">The ranges in any order, also overlapping; null for none.</param>
    public RemovedSequences(IEnumerable<SequenceRange>? ranges)
    {
        foreach (var range in (ranges ?? []).OrderBy(range => range.First))
        {
            _ranges ??= [];
            if (_ranges.Count > 0 && range.First <= _ranges[^1].Last)
            {
                _ranges[^1] = new SequenceRange(_ranges[^1].First, Math.Max(_ranges[^1].Last, range.Last));
            }
            else
            {
                _ranges.Add(range);
            }
        }
    }

    public bool Cover(long sequence)
    {
        if (_ranges is null)
        {
            return false;
        }

        var (low, high) = (0, _ranges.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (sequence < _ranges[middle].First)
            {
                high = middle - 1;
            }
            else if (sequence > _ranges[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }
}
