using System.Buffers;
using Forge.Errors;
using StreamJsonRpc;

namespace Forge.Silo.Rpc;

/// <summary>
/// A message as it arrives: in pieces that count in a room, and are put together at its end. What finds no room passes by unkept, but for
/// the id that it is answered under.
/// </summary>
internal sealed class RpcArrival(RpcBudget.RpcRoom room) : IDisposable
{
    private const int FirstPiece = 4 * 1024;
    private const int LargestPiece = 1024 * 1024;

    private readonly List<byte[]> _pieces = [ArrayPool<byte>.Shared.Rent(FirstPiece)];
    private IdScanner? _scanner;
    private int _used;
    private long _rented;

    /// <summary>The bytes that have come.</summary>
    public long Length { get; private set; }

    /// <summary>Why the message is not kept; null if it is.</summary>
    public BusyException? Refusal { get; private set; }

    /// <summary>The id of a message that was not kept.</summary>
    public RequestId Id => _scanner?.Id ?? default;

    /// <summary>Where the next bytes go.</summary>
    public Memory<byte> Next()
    {
        if (_used == _pieces[^1].Length)
        {
            var size = (int)Math.Clamp(Length, FirstPiece, LargestPiece);
            if (_scanner is null && TryTake(size))
            {
                _pieces.Add(ArrayPool<byte>.Shared.Rent(size));
            }

            _used = 0;
        }

        return _pieces[^1].AsMemory(_used);
    }

    /// <summary>So many bytes have come.</summary>
    public void Advance(int count)
    {
        // Only what has come takes room: a connection that is silent takes none.
        if (_rented == 0 && _scanner is null && count > 0)
        {
            TryTake(_pieces[0].Length);
        }

        Length += count;
        if (_scanner is null)
        {
            _used += count;
        }
        else
        {
            _scanner.Pass(_pieces[^1].AsSpan(_used, count));
            _used = 0;
        }
    }

    /// <summary>
    /// The whole message, which keeps its room until that is disposed of; nothing of one that is refused, as it may be yet if there is no room
    /// to put it together.
    /// </summary>
    public ReadOnlyMemory<byte> Take()
    {
        // Not pooled: a state that a session keeps at hand is a part of it.
        if (Refusal is not null || !TryTake(Length))
        {
            return default;
        }

        var message = GC.AllocateUninitializedArray<byte>(checked((int)Length));
        var at = 0;
        for (var i = 0; i < _pieces.Count; i++)
        {
            var length = i == _pieces.Count - 1 ? _used : _pieces[i].Length;
            _pieces[i].AsSpan(0, length).CopyTo(message.AsSpan(at));
            at += length;
        }

        GiveBack(0);
        room.Resize(Length);
        return message;
    }

    /// <summary>Keeps nothing of it, and takes no room.</summary>
    public void LetGo()
    {
        GiveBack(0);
        room.Dispose();
    }

    /// <summary>Gives back the pieces.</summary>
    public void Dispose() => GiveBack(0);

    private bool TryTake(long size)
    {
        try
        {
            room.Resize(_rented + size);
            _rented += size;
            return true;
        }
        catch (BusyException exception)
        {
            // The caller is told at the end of the message. The bytes until here are looked at for its id, and let go.
            Refusal = exception;
            _scanner = new IdScanner();
            for (var i = 0; i < _pieces.Count; i++)
            {
                _scanner.Pass(_pieces[i].AsSpan(0, i == _pieces.Count - 1 ? _used : _pieces[i].Length));
            }

            GiveBack(1);
            _used = 0;
            room.Dispose();
            return false;
        }
    }

    private void GiveBack(int keep)
    {
        for (var i = _pieces.Count - 1; i >= keep; i--)
        {
            ArrayPool<byte>.Shared.Return(_pieces[i]);
            _pieces.RemoveAt(i);
        }

        _rented = 0;
    }
}
