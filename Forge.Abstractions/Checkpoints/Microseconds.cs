namespace Forge.Checkpoints;

/// <summary>The resolution of stored times, which both databases keep exactly.</summary>
internal static class Microseconds
{
    /// <summary>The time in UTC, cut to whole microseconds.</summary>
    public static DateTimeOffset ToMicroseconds(this DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
