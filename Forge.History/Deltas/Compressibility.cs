namespace Forge.History.Deltas;

/// <summary>
/// Tells bytes that no compressor makes smaller (random, encrypted, compressed before) from others by a sample, for much
/// less than it takes to try.
/// </summary>
internal static class Compressibility
{
    private const int Samples = 512;
    private const int Values = 256;

    /// <summary>False if the bytes of a sample are spread as evenly as random ones.</summary>
    public static bool IsLikely(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 64)
        {
            return true;
        }

        Span<ushort> counts = stackalloc ushort[Values];
        counts.Clear();
        var taken = Math.Min(bytes.Length, Samples);

        // Steps that are not a power of two, so that columns of a table are not mistaken for the whole.
        var step = Math.Max(1, bytes.Length / taken);
        step -= step > 2 && step % 2 == 0 ? 1 : 0;
        for (var (i, at) = (0, 0); i < taken; i++, at += step)
        {
            counts[bytes[at]]++;
        }

        // The chance that two bytes of the sample are equal is 1/256 for random bytes; for base64 it is 1/64.
        long pairs = 0;
        foreach (var count in counts)
        {
            pairs += (long)count * (count - 1);
        }

        return pairs * Values > 2L * taken * (taken - 1);
    }

    /// <summary>True if bytes are found again in others, at the same place from the front or from the end.</summary>
    public static bool Resembles(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> others)
    {
        const int probes = 8;
        const int length = 16;
        var shared = Math.Min(bytes.Length, others.Length);
        if (shared < probes * length)
        {
            return false;
        }

        for (var i = 0; i < probes; i++)
        {
            var at = (int)((long)(shared - length) * i / (probes - 1));
            if (bytes.Slice(at, length).SequenceEqual(others.Slice(at, length))
                || bytes[^(shared - at)..][..length].SequenceEqual(others[^(shared - at)..][..length]))
            {
                return true;
            }
        }

        return false;
    }
}
