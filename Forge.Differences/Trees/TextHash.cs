using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Forge.Differences.Trees;

/// <summary>
/// Hashes of 64 bits, by multiplication with the upper half folded into the lower. Its keys are chance, so that nobody can make
/// documents that collide; what has one hash is compared itself where an answer would be wrong else.
/// </summary>
internal static class TextHash
{
    private const int Block = 16;

    private static readonly ulong First = NewKey();
    private static readonly ulong Second = NewKey();

    public static ulong Combine(ulong hash, ulong value) => Fold(hash ^ First, value ^ Second);

    public static ulong Of(ReadOnlySpan<byte> text)
    {
        var hash = Fold((ulong)text.Length ^ Second, First);
        for (; text.Length >= Block; text = text[Block..])
        {
            hash = Add(hash, text);
        }

        if (text.Length > 0)
        {
            Span<byte> last = stackalloc byte[Block];
            last.Clear();
            text.CopyTo(last);
            hash = Add(hash, last);
        }

        return hash;
    }

    /// <summary>The hash of a text that may have escapes: that of the shortest way to write it.</summary>
    public static ulong OfEscaped(ReadOnlySpan<byte> text)
    {
        // Most texts are written in that way already, and need not be written anew to be looked at.
        if (JsonText.IsShortest(text))
        {
            return Of(text);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            var shortest = new ArrayBufferWriter<byte>(text.Length);
            JsonText.WriteEscaped(shortest, buffer.AsSpan(0, JsonText.Unescape(text, buffer)));
            return Of(shortest.WrittenSpan);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static ulong Add(ulong hash, ReadOnlySpan<byte> block) => Fold(
        BinaryPrimitives.ReadUInt64LittleEndian(block) ^ First, BinaryPrimitives.ReadUInt64LittleEndian(block[8..]) ^ hash);

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }

    private static ulong NewKey()
    {
        Span<byte> key = stackalloc byte[8];
        RandomNumberGenerator.Fill(key);
        return BinaryPrimitives.ReadUInt64LittleEndian(key) | 1;
    }
}
