using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Forge.History.Rows;

namespace Forge.History.Chain;

/// <summary>
/// Writes the canonical encoding that is hashed: whole numbers as eight bytes, the greatest first; texts and bytes with
/// their length before them, as such a number. No two different lists of values have the same encoding.
/// </summary>
internal ref struct ChainBuffer
{
    private byte[]? _rented;
    private Span<byte> _buffer;
    private int _length;

    /// <param name="initial">Where to write first; more is rented if it is not enough.</param>
    public ChainBuffer(Span<byte> initial) => _buffer = initial;

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer[_length..]);
        _length += bytes.Length;
    }

    public void Byte(byte value)
    {
        Reserve(1);
        _buffer[_length++] = value;
    }

    public void Number(long value)
    {
        Reserve(sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(_buffer[_length..], value);
        _length += sizeof(long);
    }

    /// <summary>A number that may be missing: whether it is there, then the number or 0.</summary>
    public void Number(long? value)
    {
        Byte((byte)(value is null ? 0 : 1));
        Number(value ?? 0);
    }

    /// <summary>Whole microseconds since 1970.</summary>
    public void Time(DateTimeOffset value) =>
        Number((value.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);

    public void Time(DateTimeOffset? value)
    {
        Byte((byte)(value is null ? 0 : 1));
        Time(value ?? DateTimeOffset.UnixEpoch);
    }

    public void Id(Guid value)
    {
        Reserve(16);
        value.TryWriteBytes(_buffer[_length..], bigEndian: true, out _);
        _length += 16;
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Number(value.Length);
        Raw(value);
    }

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Number(length);
        Reserve(length);
        _length += Encoding.UTF8.GetBytes(value, _buffer[_length..]);
    }

    /// <summary>A text that may be missing: whether it is there, then the text or an empty one.</summary>
    public void OptionalText(string? value)
    {
        Byte((byte)(value is null ? 0 : 1));
        Text(value ?? "");
    }

    public void Texts(IReadOnlyList<string> values)
    {
        Number(values.Count);
        for (var i = 0; i < values.Count; i++)
        {
            Text(values[i]);
        }
    }

    /// <summary>
    /// All of a checkpoint that never changes, but its position and what is added to it (<see cref="AddedFields"/>): the
    /// encoding of version 1, to which nothing is added.
    /// </summary>
    public void Checkpoint(StoredCheckpoint row)
    {
        Number(row.Sequence);
        Id(row.Id.Value);
        Time(row.CreatedAt);
        Text(row.Message);
        Texts(row.FirstTags ?? row.Tags);
        Number((short)row.Trigger);
        Number(row.Parent);
        Text(row.ContentType);
        Number(row.Size);
        Bytes(row.Checksum);
    }

    /// <summary>The SHA-256 of what was written; nothing may be written after it.</summary>
    public byte[] Hash()
    {
        var hash = SHA256.HashData(_buffer[.._length]);
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
            _rented = null;
        }

        return hash;
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _length >= bytes)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + bytes));
        _buffer[.._length].CopyTo(larger);
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }

        _rented = larger;
        _buffer = larger;
    }
}
