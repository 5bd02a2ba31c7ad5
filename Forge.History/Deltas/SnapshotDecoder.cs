using Forge.Errors;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Deltas;

/// <summary>
/// Decodes the rows of a session one after another, with the last state in memory, on which the next row mostly stands.
/// </summary>
internal sealed class SnapshotDecoder(SessionAddress address)
{
    private long _sequence;
    private ReadOnlyMemory<byte> _state;

    /// <summary>True if a row is decoded on the last state, and its path is not wanted.</summary>
    public bool Continues(StoredCheckpoint row) => row.Base is { } known && known == _sequence;

    /// <summary>The row with its state as it was saved, as far as can be told without its SHA-256.</summary>
    /// <param name="stored">The row, with its bases unless it <see cref="Continues"/>.</param>
    /// <exception cref="StateCorruptedException">The row, or one that it stands on, is damaged or missing.</exception>
    public StoredCheckpoint Decode(StoredState stored)
    {
        var (row, bases) = stored;
        try
        {
            _state = Continues(row)
                ? StateDecoder.Decode(new EncodedState(row), _state.Span)
                : StateDecoder.Decode(new EncodedState(row), bases);
        }
        catch (UndecodableStateException exception)
        {
            throw exception.InSession(address);
        }

        _sequence = row.Sequence;
        return row with { Codec = StateCodec.Plain, Base = null, Group = null, Stored = _state };
    }
}
