using Forge.History.Chain;
using Forge.History.Rows;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.History.Verification;

/// <summary>Holds given anchors against the chain as it goes by, by a look for each position however many there are.</summary>
internal sealed class AnchorChecks
{
    private readonly IReadOnlyList<Anchor> _anchors;

    // One that is never met lies after the end, or where nothing is chained: the chain does not go through it.
    private readonly AnchorOutcome[] _outcomes;

    /// <summary>The positions of the anchors, rising, and the place of each in the list.</summary>
    private readonly long[] _positions;
    private readonly int[] _places;

    public AnchorChecks(IReadOnlyList<Anchor> anchors)
    {
        _anchors = anchors;
        _outcomes = [.. anchors.Select(_ => AnchorOutcome.Broken)];
        _places = [.. Enumerable.Range(0, anchors.Count).OrderBy(i => anchors[i].Position)];
        _positions = [.. _places.Select(i => anchors[i].Position)];
    }

    public IReadOnlyList<AnchorCheck> Result => [.. _anchors.Select((anchor, i) => new AnchorCheck(anchor, _outcomes[i]))];

    public void Meet(long position, byte[]? chain)
    {
        if (chain is null)
        {
            return;
        }

        for (var at = FirstFrom(position); at < _positions.Length && _positions[at] == position; at++)
        {
            if (string.Equals(_anchors[_places[at]].Chain, Convert.ToHexStringLower(chain), StringComparison.OrdinalIgnoreCase))
            {
                _outcomes[_places[at]] = AnchorOutcome.Holds;
            }
        }
    }

    public void Meet(RemovedRun run)
    {
        Pass(run.FirstPosition, run.LastPosition - 1);
        Meet(run.LastPosition, run.Chain);
    }

    /// <summary>Passes positions of which nothing is left.</summary>
    public void Pass(long first, long last)
    {
        for (var at = FirstFrom(first); at < _positions.Length && _positions[at] <= last; at++)
        {
            _outcomes[_places[at]] = AnchorOutcome.Removed;
        }
    }

    /// <summary>The first place whose position is not below one.</summary>
    private int FirstFrom(long position)
    {
        var (low, high) = (0, _positions.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _positions[middle] < position ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
