using Forge.History.Rows;

namespace Forge.History.Deltas;

/// <summary>
/// Encodes the states of a document in its order, each on its parent's if the document had that lately. A parent that is
/// not in the document, or was long ago, costs a full copy.
/// </summary>
internal sealed class DocumentEncoder
{
    /// <summary>The most bytes of states that are remembered, but for the last one.</summary>
    private const long KeptBytes = 4 * 1024 * 1024;

    private const int KeptStates = 64;

    private readonly LinkedList<(ChainEnd End, ReadOnlyMemory<byte> State)> _lately = [];
    private long _bytes;

    /// <summary>Encodes the row that follows that of the last call. Its plain state is kept for a while.</summary>
    public StoredCheckpoint Encode(StoredCheckpoint row)
    {
        var parent = _lately.Last;
        while (parent is not null && parent.Value.End.Sequence != row.Parent)
        {
            parent = parent.Previous;
        }

        var encoded = StateEncoder.Encode(row, parent?.Value.End, parent is null ? default : parent.Value.State.Span, out var end);
        Remember(end, row.Stored);
        return encoded;
    }

    private void Remember(ChainEnd end, ReadOnlyMemory<byte> state)
    {
        _lately.AddLast((end, state));
        _bytes += state.Length;
        while (_lately.Count > KeptStates || (_bytes > KeptBytes && _lately.Count > 1))
        {
            _bytes -= _lately.First!.Value.State.Length;
            _lately.RemoveFirst();
        }
    }
}
