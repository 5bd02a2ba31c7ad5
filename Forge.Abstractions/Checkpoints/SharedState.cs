using System.Buffers;
using System.Runtime.InteropServices;

namespace Forge.Checkpoints;

/// <summary>
/// A copy of a state in memory that is used again once nobody holds it: a handle holds it for a call, and a silo in the same process
/// holds it for longer, instead of a copy of its own.
/// </summary>
/// <remarks>
/// Whoever can't tell any more who else reads it (a call was given up) does not let go of it. Then it is never used again, and the garbage
/// collector takes it. So it is with one that was given to somebody who does not say when he is done with it.
/// </remarks>
internal sealed class SharedState : MemoryManager<byte>
{
    /// <summary>What is shorter costs less to make anew than to hand about.</summary>
    private const int LeastPooled = 1024;

    /// <summary>The shared pool would keep one of each size for every thread that ever had one.</summary>
    private const int MostPooled = 1024 * 1024;

    private readonly byte[] _buffer;
    private readonly int _length;
    private int _holders = 1;
    private volatile bool _isGiven;

    private SharedState(byte[] buffer, int length) => (_buffer, _length) = (buffer, length);

    /// <summary>The bytes of memory that it takes.</summary>
    public int Capacity => _buffer.Length;

    /// <summary>
    /// What is known of its SHA-256; null for nothing. Goes with the last hold.
    /// </summary>
    public StateHash? Hash { get; set; }

    public override Span<byte> GetSpan() => new(_buffer, 0, _length);

    /// <summary>A copy, held by the caller.</summary>
    public static SharedState CopyOf(ReadOnlySpan<byte> state)
    {
        var buffer = BufferOf(state.Length);
        state.CopyTo(buffer);
        return new(buffer, state.Length);
    }

    /// <summary>Three parts, one behind another, held by the caller. Together they must not be longer than an array can be.</summary>
    public static SharedState Join(ReadOnlySpan<byte> front, ReadOnlySpan<byte> between, ReadOnlySpan<byte> end)
    {
        var length = checked(front.Length + between.Length + end.Length);
        var buffer = BufferOf(length);
        front.CopyTo(buffer);
        between.CopyTo(buffer.AsSpan(front.Length));
        end.CopyTo(buffer.AsSpan(front.Length + between.Length));
        return new(buffer, length);
    }

    /// <summary>
    /// The shared state that memory is the whole of, held by the caller too, or a copy if it is none. Null if it is one that nobody holds
    /// any more and that was not given away, whose bytes may be another's by now.
    /// </summary>
    public static SharedState? HoldOrCopy(ReadOnlyMemory<byte> memory) =>
        !MemoryMarshal.TryGetMemoryManager(memory, out SharedState? state, out _, out var length) ? CopyOf(memory.Span)
        : !state.TryHold() ? state._isGiven ? CopyOf(memory.Span) : null
        : length == state._length ? state
        : state.CopyPart(memory.Span);

    /// <summary>The shared state that memory is the whole of, which the caller does not hold for that; null if it is none.</summary>
    public static SharedState? WholeOf(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetMemoryManager(memory, out SharedState? state, out _, out var length) && length == state._length ? state : null;

    /// <summary>Holds it once more, until another <see cref="LetGo"/>; false if nobody holds it any more.</summary>
    public bool TryHold()
    {
        for (var holders = Volatile.Read(ref _holders); holders > 0;)
        {
            var seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
            {
                return true;
            }

            holders = seen;
        }

        return false;
    }

    /// <summary>Ends the caller's hold, which must not read it any more.</summary>
    public void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) != 0)
        {
            return;
        }

        Hash?.Dispose();
        if (IsPooled(_length) && !_isGiven)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }

    /// <summary>
    /// Ends the caller's hold and gives the bytes away, to be read for however long: whoever else lets go of them from now on, they are
    /// never used again.
    /// </summary>
    public ReadOnlyMemory<byte> Give()
    {
        // Before the hold ends, so that whoever ends the last one sees it.
        _isGiven = true;
        LetGo();
        return Memory;
    }

    public override MemoryHandle Pin(int elementIndex = 0) => _buffer.AsMemory(0, _length)[elementIndex..].Pin();

    /// <summary>Nothing: the handle that was given pins the array.</summary>
    public override void Unpin()
    {
    }

    protected override bool TryGetArray(out ArraySegment<byte> segment)
    {
        segment = new(_buffer, 0, _length);
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            LetGo();
        }
    }

    private static byte[] BufferOf(int length) =>
        IsPooled(length) ? ArrayPool<byte>.Shared.Rent(length) : GC.AllocateUninitializedArray<byte>(length);

    private static bool IsPooled(int length) => length is >= LeastPooled and <= MostPooled;

    private SharedState CopyPart(ReadOnlySpan<byte> part)
    {
        var copy = CopyOf(part);
        LetGo();
        return copy;
    }
}
