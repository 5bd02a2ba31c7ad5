using System.Collections.Immutable;

namespace Forge.History.Rows;

/// <summary>
/// Which pending writes the visible checkpoints of a session have, and how long their values are. Immutable: the engine decides on the one
/// that counts what is pending, and goes back to the committed one. Bounded as the writes of a session are, and empty in nearly all.
/// </summary>
internal sealed class WriteIndex
{
    private static readonly ImmutableDictionary<WriteKey, int> NoWrites = ImmutableDictionary<WriteKey, int>.Empty;

    private readonly ImmutableSortedDictionary<long, ImmutableDictionary<WriteKey, int>> _of;

    private WriteIndex(ImmutableSortedDictionary<long, ImmutableDictionary<WriteKey, int>> of, long count, long bytes) =>
        (_of, Count, Bytes) = (of, count, bytes);

    public static WriteIndex Empty { get; } = new(ImmutableSortedDictionary<long, ImmutableDictionary<WriteKey, int>>.Empty, 0, 0);

    /// <summary>How many writes there are.</summary>
    public long Count { get; }

    /// <summary>The sum of the lengths of their values.</summary>
    public long Bytes { get; }

    /// <summary>The length of the value of a write; null if it is not there.</summary>
    public int? SizeOf(long sequence, WriteKey key) =>
        _of.TryGetValue(sequence, out var writes) && writes.TryGetValue(key, out var size) ? size : null;

    /// <summary>The same with a write, in the place of one with its key.</summary>
    public WriteIndex With(long sequence, WriteKey key, int size)
    {
        var writes = _of.GetValueOrDefault(sequence, NoWrites);
        var isThere = writes.TryGetValue(key, out var before);
        return new(_of.SetItem(sequence, writes.SetItem(key, size)), isThere ? Count : Count + 1, Bytes + size - before);
    }

    /// <summary>The same with the writes of other checkpoints.</summary>
    public WriteIndex With(WriteIndex others) => others.Count == 0 ? this
        : new(_of.AddRange(others._of), Count + others.Count, Bytes + others.Bytes);

    /// <summary>The same without the writes of checkpoints that go.</summary>
    public WriteIndex Without(IEnumerable<SequenceRange> gone)
    {
        if (Count == 0)
        {
            return this;
        }

        // There are no more checkpoints with writes than there are writes, however long the ranges are.
        var (ranges, of, count, bytes) = (new RemovedSequences([.. gone]), _of, Count, Bytes);
        foreach (var (sequence, writes) in _of.Where(entry => ranges.Cover(entry.Key)))
        {
            of = of.Remove(sequence);
            (count, bytes) = (count - writes.Count, bytes - writes.Values.Sum(size => (long)size));
        }

        return new(of, count, bytes);
    }
}
