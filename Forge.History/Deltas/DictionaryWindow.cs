using Forge.Checkpoints;

namespace Forge.History.Deltas;

/// <summary>
/// The part of a base that a middle is compressed with: what it takes the place of, and what stands around that. It reaches
/// as far as the middle is long, since loading it costs as much as compressing that many bytes: a short append is compressed
/// with what was said last, a state that changed at both ends with the whole of the one before.
/// </summary>
/// <remarks>Part of <see cref="StateCodec.CompressedDelta"/>: whoever decodes finds the same window.</remarks>
internal static class DictionaryWindow
{
    private const int LeastReach = 16 * 1024;
    private const int MostReach = 4 * 1024 * 1024;

    /// <param name="length">The length of the base.</param>
    /// <param name="ends">What base and state have in common.</param>
    /// <param name="middle">The length of the middle.</param>
    public static Range Of(int length, SharedEnds ends, int middle)
    {
        var reach = (int)Math.Clamp(middle * 8L, LeastReach, MostReach);
        var start = Math.Max(0, ends.Prefix - reach);
        var end = (int)Math.Min(length, length - ends.Suffix + (reach / 2L));
        return start..Math.Min(end, start + (3 * reach));
    }
}
