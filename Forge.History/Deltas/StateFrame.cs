using System.Buffers.Binary;
using System.IO.Hashing;
using Forge.History.Rows;

namespace Forge.History.Deltas;

/// <summary>
/// The parts of encoded bytes that are not compressed: the checksum, and varints.
/// </summary>
/// <remarks>
/// The checksum is the CRC-32 of the columns that say how the row is decoded and of all bytes behind it. It finds every
/// change of a single byte, also one that would decode to the same state; the SHA-256 of the state finds the rest.
/// </remarks>
internal static class StateFrame
{
    public const int ChecksumBytes = 4;

    /// <summary>The most bytes of two varints.</summary>
    public const int MaxEndsBytes = 10;

    /// <summary>Writes the checksum of a frame in its first bytes.</summary>
    public static void Seal(Span<byte> frame, short codec, long? basis, long? group, int size) =>
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Checksum(frame[ChecksumBytes..], codec, basis, group, size));

    /// <summary>True if a frame has the checksum that it was sealed with.</summary>
    public static bool IsSealed(ReadOnlySpan<byte> frame, in EncodedState state) =>
        frame.Length > ChecksumBytes && BinaryPrimitives.ReadUInt32LittleEndian(frame)
            == Checksum(frame[ChecksumBytes..], state.Codec, state.Base, state.Group, state.Size);

    /// <summary>Writes a number that is not negative, seven bits a byte; answers how many bytes it took.</summary>
    public static int WriteVarint(Span<byte> bytes, int value)
    {
        var length = 0;
        for (var rest = (uint)value; ; rest >>= 7)
        {
            bytes[length++] = (byte)(rest < 0x80 ? rest : rest | 0x80);
            if (rest < 0x80)
            {
                return length;
            }
        }
    }

    /// <summary>Reads a number and moves on behind it; false if there is none that <see cref="WriteVarint"/> wrote.</summary>
    public static bool TryReadVarint(ref ReadOnlySpan<byte> bytes, out int value)
    {
        var read = 0UL;
        for (var i = 0; i < Math.Min(5, bytes.Length); i++)
        {
            read |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                value = (int)read;
                return read <= int.MaxValue;
            }
        }

        value = 0;
        return false;
    }

    private static uint Checksum(ReadOnlySpan<byte> payload, short codec, long? basis, long? group, int size)
    {
        Span<byte> columns = stackalloc byte[22];
        BinaryPrimitives.WriteInt16LittleEndian(columns, codec);
        BinaryPrimitives.WriteInt64LittleEndian(columns[2..], basis ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(columns[10..], group ?? 0);
        BinaryPrimitives.WriteInt32LittleEndian(columns[18..], size);
        var crc = new Crc32();
        crc.Append(columns);
        crc.Append(payload);
        return crc.GetCurrentHashAsUInt32();
    }
}
