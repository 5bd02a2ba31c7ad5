using Forge.History.Rows;

namespace Forge.History.Deltas;

/// <summary>A state that its own row and those below it do not give any more, and that a known state does.</summary>
/// <param name="State">The state as it was saved, by its SHA-256.</param>
/// <param name="Held">
/// A state of a row that is there, not encoded: of the row that was read, or of one that it is decoded on. With a copy of it in the
/// place of that row, whatever stands on it can be read again.
/// </param>
internal sealed record RescuedState(ReadOnlyMemory<byte> State, EncodedState Held)
{
    /// <summary>Decodes a row on the nearest state of its path that is known; null if there is none, or it does not help.</summary>
    /// <param name="stored">The row, and the rows that its state is decoded on, as far as they are there.</param>
    /// <param name="find">Answers the state of a sequence as a full copy; null if it is not known.</param>
    public static RescuedState? Of(StoredState stored, Func<long, EncodedState?> find)
    {
        var (row, bases) = stored;
        var above = new EncodedState(row);
        if (find(row.Sequence) is { } whole)
        {
            return IsOf(whole, above) ? new RescuedState(whole.Stored, whole) : null;
        }

        for (var i = bases.Count - 1; above.Base is { } sequence && sequence < above.Sequence; i--)
        {
            EncodedState? basis = i >= 0 && bases[i].Sequence == sequence ? bases[i] : null;
            if (find(sequence) is { } held)
            {
                // One whose row is not there, or not found, is proven by what is decoded on it.
                return (basis is null || IsOf(held, basis.Value)) && Decode(new StoredState(row, [held, .. bases.Skip(i + 1)])) is { } state
                    ? new RescuedState(state, basis is null ? new EncodedState(row) with { Base = null, Stored = state } : held)
                    : null;
            }

            if (basis is null)
            {
                break;
            }

            above = basis.Value;
        }

        return null;
    }

    private static bool IsOf(in EncodedState held, in EncodedState row) =>
        held.Size == row.Size && held.Checksum.AsSpan().SequenceEqual(row.Checksum);

    private static ReadOnlyMemory<byte>? Decode(StoredState stored)
    {
        try
        {
            return StateDecoder.DecodeSaved(stored);
        }
        catch (UndecodableStateException)
        {
            return null;
        }
    }
}
