using System.Buffers;

namespace Forge.Client.Serialization;

/// <summary>
/// A copy of a state for one call, in memory that is used again once the call is known to have ended: a large array for each state
/// would cost more than the copy.
/// </summary>
internal readonly struct StateCopy
{
    /// <summary>What is shorter costs less to make anew than to hand about.</summary>
    private const int LeastPooled = 64 * 1024;

    private readonly byte[]? _rented;

    private StateCopy(ReadOnlyMemory<byte> bytes, byte[]? rented) => (Bytes, _rented) = (bytes, rented);

    public ReadOnlyMemory<byte> Bytes { get; }

    public static StateCopy Of(ReadOnlyMemory<byte> state)
    {
        if (state.Length < LeastPooled)
        {
            return new(state.ToArray(), null);
        }

        var rented = ArrayPool<byte>.Shared.Rent(state.Length);
        state.CopyTo(rented);
        return new(rented.AsMemory(0, state.Length), rented);
    }

    /// <summary>
    /// Gives the memory to others. Only for a call whose first attempt was answered: a silo is done with a state before it answers, and
    /// of an attempt that was given up nobody knows when.
    /// </summary>
    public void GiveBack()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }
}
