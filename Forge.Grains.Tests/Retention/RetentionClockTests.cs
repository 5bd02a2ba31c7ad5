using Forge.Grains.Retention;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.Retention;

public sealed class RetentionClockTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly TwoClocks _time = new();
    private readonly RetentionClock _clock;

    public RetentionClockTests() => _clock = new RetentionClock(_time, NullLogger<RetentionClock>.Instance);

    [Fact]
    public void Now_ClockThatGoesAsTimeDoes_IsTheClock()
    {
        _time.Advance(100 * Hour);

        Assert.Equal(_time.GetUtcNow(), _clock.Now);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(-30)]
    [InlineData(-100_000)]
    public void Now_ClockThatIsSetByALittleOrBack_IsTheClock(int seconds)
    {
        Jump(TimeSpan.FromSeconds(seconds));

        Assert.Equal(_time.GetUtcNow(), _clock.Now);
    }

    [Fact]
    public void Now_ClockThatJumpsAheadForAWhile_GoesOnWithoutTheJump()
    {
        var right = _time.GetUtcNow();
        Jump(TimeSpan.FromDays(2));
        Assert.Equal(right, _clock.Now);
        _time.Advance(Hour * 0.9);
        Assert.Equal(right + Hour * 0.9, _clock.Now);

        Jump(-TimeSpan.FromDays(2));

        Assert.Equal(_time.GetUtcNow(), _clock.Now);
        _time.Advance(2 * Hour);
        Assert.Equal(right + Hour * 2.9, _clock.Now);
    }

    [Fact]
    public void Now_ClockThatStaysAhead_IsBelievedAfterAnHour()
    {
        Jump(TimeSpan.FromDays(2));
        Assert.NotEqual(_time.GetUtcNow(), _clock.Now);

        _time.Advance(Hour);

        Assert.Equal(_time.GetUtcNow(), _clock.Now);
    }

    [Fact]
    public void Now_ClockThatJumpsAgain_BeginsTheHourAnew()
    {
        var right = _time.GetUtcNow();
        Jump(TimeSpan.FromDays(2));
        _ = _clock.Now;
        _time.Advance(Hour * 0.9);
        Jump(TimeSpan.FromDays(3));
        _ = _clock.Now;

        _time.Advance(Hour * 0.9);

        Assert.Equal(right + Hour * 1.8, _clock.Now);
        _time.Advance(Hour * 0.1);
        Assert.Equal(_time.GetUtcNow(), _clock.Now);
    }

    private void Jump(TimeSpan by) => _time.Wall += by;

    /// <summary>A clock that can be set, and the time that really passes.</summary>
    private sealed class TwoClocks : TimeProvider
    {
        private long _passed;

        public DateTimeOffset Wall { get; set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _passed;

        public override DateTimeOffset GetUtcNow() => Wall;

        public void Advance(TimeSpan time)
        {
            _passed += time.Ticks;
            Wall += time;
        }
    }
}
