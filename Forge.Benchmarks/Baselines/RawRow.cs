using Forge.Benchmarks.Appending;

namespace Forge.Benchmarks.Baselines;

/// <summary>A checkpoint's row as the raw baselines write it: what differs from row to row.</summary>
internal readonly record struct RawRow(long Key, long Sequence, Guid Id, DateTime CreatedAt, string Message, byte[] Checksum, byte[] State);

/// <summary>Makes the rows of a raw baseline, over as many sessions as Forge writes beside it.</summary>
internal sealed class RawRows(int sessions, StatePool states)
{
    /// <summary>How many were made.</summary>
    public long Count { get; private set; }

    public RawRow Next()
    {
        var (step, now) = (Count++, TimeProvider.System.GetUtcNow());
        return new RawRow(
            step % sessions + 1, step / sessions + 1, Guid.CreateVersion7(now), now.UtcDateTime, StatePool.Message(step),
            states.Checksum(step), states.State(step));
    }

    public RawRow[] Next(int count)
    {
        var rows = new RawRow[count];
        for (var i = 0; i < count; i++)
        {
            rows[i] = Next();
        }

        return rows;
    }
}
