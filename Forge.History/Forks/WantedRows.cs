namespace Forge.History.Forks;

/// <summary>
/// What a walk down a session is still to come to, the newest first: of the line that it follows, and of each line that leads from
/// something that is required, the next one.
/// </summary>
internal sealed class WantedRows
{
    private readonly SortedDictionary<long, List<long>> _children = new(Comparer<long>.Create(static (one, other) => other.CompareTo(one)));

    /// <summary>The newest; 0 if there is none.</summary>
    public long First
    {
        get
        {
            foreach (var sequence in _children.Keys)
            {
                return sequence;
            }

            return 0;
        }
    }

    /// <summary>Adds one.</summary>
    /// <param name="sequence">Its sequence.</param>
    /// <param name="children">Those that it is an ancestor of, and that have come to none yet.</param>
    public void Add(long sequence, List<long> children)
    {
        if (_children.TryGetValue(sequence, out var others))
        {
            others.AddRange(children);
        }
        else
        {
            _children.Add(sequence, children);
        }
    }

    /// <summary>Takes one away, and says what it is an ancestor of.</summary>
    public List<long> Take(long sequence) => _children.Remove(sequence, out var children) ? children : [];
}
