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
        var next = Wait(signal, 2 * WakeSignal.Crowd);
        signal.Raise();
        signal.Raise();
        _time.Advance(Interval - TimeSpan.FromMilliseconds(1));
        Assert.False(next.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(next.IsCompleted);
        Assert.False(signal.NextAsync().IsCompleted);
    }

    [Fact]
    public void Raise_FewWait_WakesThemSoonerInProportion()
    {
        using var signal = new WakeSignal(Interval, _time);
        _ = Wait(signal, 10 * WakeSignal.Crowd);
        signal.Raise();
        var next = Wait(signal, WakeSignal.Crowd / 2);
        signal.Raise();
        _time.Advance((Interval / 2) - TimeSpan.FromMilliseconds(1));
        Assert.False(next.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(next.IsCompleted);
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

    private static Task Wait(WakeSignal signal, int waiters)
    {
        Task[] all = [.. Enumerable.Range(0, waiters).Select(_ => signal.NextAsync())];
        return all[^1];
    }
}
