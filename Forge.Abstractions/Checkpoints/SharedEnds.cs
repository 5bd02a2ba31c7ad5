using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Forge.Checkpoints;

/// <summary>What two states have in common at the front and at the end, which do not overlap in either.</summary>
/// <param name="Prefix">Bytes at the front.</param>
/// <param name="Suffix">Bytes at the end.</param>
internal readonly record struct SharedEnds(int Prefix, int Suffix)
{
    public static SharedEnds Of(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        var prefix = before.CommonPrefixLength(after);
        return new SharedEnds(prefix, CommonSuffixLength(before[prefix..], after[prefix..]));
    }

    /// <summary>True if it spares at least half of a state of a length to carry only what is between them.</summary>
    public bool SpareHalfOf(int length) => 2L * ((long)Prefix + Suffix) >= length;

    /// <summary>The counterpart of <see cref="MemoryExtensions.CommonPrefixLength{T}(ReadOnlySpan{T}, ReadOnlySpan{T})"/>.</summary>
    public static int CommonSuffixLength(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var length = Math.Min(a.Length, b.Length);
        a = a[^length..];
        b = b[^length..];
        var left = length;
        ref var first = ref MemoryMarshal.GetReference(a);
        ref var second = ref MemoryMarshal.GetReference(b);
        while (left >= Vector<byte>.Count)
        {
            var at = (nuint)(left - Vector<byte>.Count);
            if (Vector.LoadUnsafe(ref first, at) != Vector.LoadUnsafe(ref second, at))
            {
                break;
            }

            left -= Vector<byte>.Count;
        }

        while (left > 0 && Unsafe.Add(ref first, left - 1) == Unsafe.Add(ref second, left - 1))
        {
            left--;
        }

        return length - left;
    }
}
