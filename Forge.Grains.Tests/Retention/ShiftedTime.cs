namespace Forge.Grains.Tests.Retention;

/// <summary>The system's clock, some time ahead. Timers run as ever.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private long _ahead;

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ahead, time.Ticks);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() =>
        System.GetElapsedTime(0).Ticks + Interlocked.Read(ref _ahead);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));
}
