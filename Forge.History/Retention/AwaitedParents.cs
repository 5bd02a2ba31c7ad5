namespace Forge.History.Retention;

/// <summary>
/// The parents of visible checkpoints that come by falling sequence: those that are still to come, each with whether one of its children
/// goes. It grows with the branches that are open where the pass stands.
/// </summary>
internal sealed class AwaitedParents
{
    private const int LeastSweep = 1024;

    private readonly Dictionary<long, bool> _goes = [];
    private int _sweepAt = LeastSweep;

    /// <summary>Those that did not come yet, each with whether one of its children goes.</summary>
    public IReadOnlyDictionary<long, bool> ToCome => _goes;

    /// <summary>True if a checkpoint was awaited; it is no more.</summary>
    /// <param name="sequence">The checkpoint.</param>
    /// <param name="childGoes">True if one of its children goes.</param>
    public bool Take(long sequence, out bool childGoes) => _goes.Remove(sequence, out childGoes);

    /// <summary>Awaits the parent of a checkpoint.</summary>
    /// <param name="parent">The parent; 0 for none.</param>
    /// <param name="child">The checkpoint.</param>
    /// <param name="goes">True if it goes.</param>
    public void Add(long parent, long child, bool goes)
    {
        if (parent == 0)
        {
            return;
        }

        _goes[parent] = goes | (_goes.TryGetValue(parent, out var other) && other);
        if (_goes.Count < _sweepAt)
        {
            return;
        }

        // Parents that were passed are not visible, and would gather if many went before.
        foreach (var passed in _goes.Keys)
        {
            if (passed >= child)
            {
                _goes.Remove(passed);
            }
        }

        _sweepAt = Math.Max(LeastSweep, 2 * _goes.Count);
    }
}
