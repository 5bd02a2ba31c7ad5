using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.History.Forks;

/// <summary>The sequences of a checkpoint and its visible ancestors: neighbours are kept as one range, however many they are.</summary>
internal sealed class AncestorPath
{
    private readonly List<SequenceRange> _falling = [];

    /// <summary>What they come to.</summary>
    public PathSize Size { get; private set; }

    /// <summary>Adds the next one below those that are there.</summary>
    /// <param name="sequence">Its sequence.</param>
    /// <param name="bytes">The size of its state as saved.</param>
    /// <param name="storedBytes">The stored bytes.</param>
    public void Add(long sequence, long bytes, long storedBytes)
    {
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
