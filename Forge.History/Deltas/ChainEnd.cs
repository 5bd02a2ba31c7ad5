using Forge.History.Rows;

namespace Forge.History.Deltas;

/// <summary>What has to be known of a stored state to let another stand on it.</summary>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Group">The sequence that names its group.</param>
/// <param name="Depth">How many differences it is decoded through; 0 for a full copy.</param>
/// <param name="DeltaBytes">The stored bytes of those differences.</param>
/// <param name="FullBytes">The stored bytes of the full copy below them.</param>
/// <param name="FullSize">The length of the state that the full copy is of.</param>
internal readonly record struct ChainEnd(long Sequence, long Group, int Depth, long DeltaBytes, int FullBytes, int FullSize)
{
    /// <summary>The most differences that a state is decoded through.</summary>
    public const int MaxDepth = 128;

    /// <summary>
    /// How far behind the sequence that names its group a row may be. A restore reads this much of a session at the most,
    /// and a reclaim looks this far for what stands on a row: it may be raised, and never lowered.
    /// </summary>
    public const int MaxSpan = 256;

    /// <summary>Differences may take this much more than the full copy, so that small states have some at all.</summary>
    private const int SlackBytes = 4 * 1024;

    /// <summary>
    /// True if the state is stored whole since it has little in common with the one before: the next one is likely to be
    /// of the same kind. Not known of a chain that was read.
    /// </summary>
    public bool StandsAlone { get; init; }

    /// <summary>The end of a chain that was read.</summary>
    public static ChainEnd Of(StoredState stored)
    {
        var (row, bases) = stored;
        var full = bases is [var first, ..] ? first : new EncodedState(row);
        return new ChainEnd(
            row.Sequence,
            full.Group ?? full.Sequence,
            bases.Count,
            bases.Sum(item => (long)item.Stored.Length) + row.Stored.Length - full.Stored.Length,
            full.Stored.Length,
            full.Size);
    }

    /// <summary>About the bytes of a full copy of a state of another size.</summary>
    public long FullBytesOf(int size) => (long)FullBytes * size / Math.Max(1, FullSize);

    /// <summary>
    /// True if a difference may be added. By depth and span a restore stays one short read; by bytes it reads no more
    /// than about two full copies, and full copies of a state that grows become rarer as it does.
    /// </summary>
    public bool Takes(long sequence, int deltaBytes, int size) =>
        Depth < MaxDepth && sequence - Group <= MaxSpan && DeltaBytes + deltaBytes <= FullBytesOf(size) + SlackBytes;

    public ChainEnd With(long sequence, int deltaBytes) =>
        this with { Sequence = sequence, Depth = Depth + 1, DeltaBytes = DeltaBytes + deltaBytes, StandsAlone = false };
}
