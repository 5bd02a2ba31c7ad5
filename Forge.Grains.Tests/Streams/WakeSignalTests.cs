using Forge.Grains.Streams;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Streams;

public sealed class WakeSignalTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Raise_AfterAQuietTime_WakesAtOnce()
    {
        using var signal = new WakeSignal(Interval, _time);
        var first = signal.NextAsync();
        signal.Raise();
        Assert.True(first.IsCompleted);

        _time.Advance(Interval);
        var second = signal.NextAsync();
        signal.Raise();
        Assert.True(second.IsCompleted);
    }

    [Fact]
    public void Raise_SoonAfterAnother_WakesOnceWhenTheIntervalIsOver()
    {
        using var signal = new WakeSignal(Interval, _time);
        _ = signal.NextAsync();
        signal.Raise();
        var next = signal.NextAsync();
        signal.Raise();
        signal.Raise();
        Assert.False(next.IsCompleted);

        _time.Advance(Interval);
        Assert.True(next.IsCompleted);
        Assert.False(signal.NextAsync().IsCompleted);
    }

    [Fact]
    public void Raise_NobodyWaits_LeavesNothingBehind()
    {
        using var signal = new WakeSignal(Interval, _time);
        signal.Raise();

        Assert.False(signal.NextAsync().IsCompleted);
    }

    [Fact]
    public void End_WakesAllNowAndLater()
    {
        using var signal = new WakeSignal(Interval, _time);
        var next = signal.NextAsync();
        signal.End();

        Assert.True(next.IsCompleted);
        Assert.True(signal.NextAsync().IsCompleted);
    }
}
