namespace Forge.Grains.Tests.Retention;

/// <summary>The system's clock, set ahead or back, while time passes as ever, or more of it.</summary>
internal sealed class JumpingTime : TimeProvider
{
    private long _ahead;
    private long _passed;

    /// <summary>Sets the clock.</summary>
    public void Jump(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);

    /// <summary>Lets time pass. Timers run as ever.</summary>
    public void Pass(TimeSpan time)
    {
        Interlocked.Add(ref _passed, time.Ticks);
        Jump(time);
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + Interlocked.Read(ref _passed);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));
}
