using System.Collections;
using Forge.History.Changes;
using Forge.History.Rows;

namespace Forge.History.Stores;

/// <summary>What a list found, in the order asked for.</summary>
/// <param name="rows">The checkpoints.</param>
/// <param name="goesOnAfter">Where it goes on.</param>
internal sealed class CheckpointList(IReadOnlyList<StoredCheckpoint> rows, long? goesOnAfter = null) : IReadOnlyList<StoredCheckpoint>
{
    public static CheckpointList Empty { get; } = new([]);

    public int Count => rows.Count;

    /// <summary>
    /// The sequence that it goes on after, in its order, if it ended before its limit for the bytes of what it holds or for how
    /// many it has looked at; null if it did not.
    /// </summary>
    public long? GoesOnAfter => goesOnAfter;

    public StoredCheckpoint this[int index] => rows[index];

    public IEnumerator<StoredCheckpoint> GetEnumerator() => rows.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>About the bytes that a checkpoint without its state takes in memory and in an answer.</summary>
    public static long BytesOf(StoredCheckpoint row) => Created.WeightOf(0, row.Message, row.Tags) + SessionChange.WeightOf(row.FirstTags ?? [])
        + SessionChange.WeightOf(row.Branch);

    /// <summary>Takes what a read finds, until it is enough.</summary>
    internal sealed class Builder(ListFilter filter)
    {
        private readonly List<StoredCheckpoint> _rows = [];
        private long _bytes;
        private bool _isCut;

        /// <summary>True if as many as were asked for are there.</summary>
        public bool IsFull => _rows.Count >= filter.Limit;

        /// <summary>Takes the next one. False if there is no room for it: a page ends with what brings it to its bytes.</summary>
        public bool TryAdd(StoredCheckpoint row)
        {
            _isCut = _bytes >= filter.MostBytes;
            if (_isCut)
            {
                return false;
            }

            _rows.Add(row);
            _bytes += BytesOf(row);
            return true;
        }

        /// <param name="lookedTo">The last that was looked at, if others were not; null if all were.</param>
        public CheckpointList Build(long? lookedTo) => new(_rows, _isCut ? _rows[^1].Sequence : IsFull ? null : lookedTo);
    }
}
