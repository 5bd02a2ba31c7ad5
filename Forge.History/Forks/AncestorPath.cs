using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.History.Forks;

/// <summary>
/// The sequences of a checkpoint with its visible ancestors, and with what these require and the ancestors of that: neighbours are kept as
/// one range, however many they are. The parent of nearly all is the one before them; of the others it is kept one by one.
/// </summary>
internal sealed class AncestorPath
{
    private readonly List<SequenceRange> _falling = [];
    private readonly Dictionary<long, long> _parents = [];

    /// <summary>What they come to.</summary>
    public PathSize Size { get; private set; }

    /// <summary>Adds the next one below those that are there.</summary>
    /// <param name="sequence">Its sequence.</param>
    /// <param name="bytes">The size of its state as saved.</param>
    /// <param name="storedBytes">The stored bytes.</param>
    /// <param name="children">Those that are there whose nearest ancestor it is.</param>
    public void Add(long sequence, long bytes, long storedBytes, IReadOnlyList<long> children)
    {
        foreach (var child in children)
        {
            if (child != _falling[^1].First)
            {
                _parents[child] = sequence;
            }
        }

        Size = new PathSize(Size.Count + 1, Size.Bytes + bytes, Size.StoredBytes + storedBytes);
        if (_falling is [.., var last] && last.First == sequence + 1)
        {
            _falling[^1] = last with { First = sequence };
        }
        else
        {
            _falling.Add(new SequenceRange(sequence, sequence));
        }
    }

    /// <summary>Says that some that are there have no ancestor.</summary>
    public void AddRoots(IReadOnlyList<long> children)
    {
        foreach (var child in children)
        {
            _parents[child] = 0;
        }
    }

    /// <summary>The nearest ancestor of one that is there; 0 for none.</summary>
    /// <param name="sequence">Its sequence.</param>
    /// <param name="before">The one before it that is there; 0 for none.</param>
    public long ParentOf(long sequence, long before) => _parents.GetValueOrDefault(sequence, before);

    /// <summary>The sequences, rising.</summary>
    public IEnumerable<long> Rising()
    {
        for (var i = _falling.Count - 1; i >= 0; i--)
        {
            for (var sequence = _falling[i].First; sequence <= _falling[i].Last; sequence++)
            {
                yield return sequence;
            }
        }
    }
}
