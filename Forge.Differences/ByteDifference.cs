namespace Forge.Differences;

/// <summary>Compares bytes that are nothing in particular.</summary>
public static class ByteDifference
{
    /// <summary>
    /// The offset of the first byte that is not the same, from 0, which is the length of the shorter if it is the beginning of the other;
    /// null if both are the same.
    /// </summary>
    public static int? FirstDifference(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        var same = from.CommonPrefixLength(to);
        return same == from.Length && same == to.Length ? null : same;
    }
}
