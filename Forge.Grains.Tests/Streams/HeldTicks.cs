using System.Collections.Concurrent;

namespace Forge.Grains.Tests.Streams;

/// <summary>The system's clock, but timers of one interval tick only when a test says so.</summary>
internal sealed class HeldTicks(TimeSpan interval) : TimeProvider
{
    private readonly TimeSpan _waits = interval;
    private readonly ConcurrentDictionary<Timer, bool> _held = [];

    /// <summary>How many timers wait for a tick.</summary>
    public int Held => _held.Count;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Has all of them tick once.</summary>
    public void Tick()
    {
        foreach (var timer in _held.Keys)
        {
            _held.TryRemove(timer, out _);
            timer.Tick();
        }
    }

    private sealed class Timer : ITimer
    {
        private readonly HeldTicks _owner;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _inner;

        public Timer(HeldTicks owner, TimerCallback callback, object? state)
        {
            (_owner, _callback, _state) = (owner, callback, state);
            _inner = System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void Tick() => _callback(_state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != _owner._waits)
            {
                _owner._held.TryRemove(this, out _);
                return _inner.Change(dueTime, period);
            }

            _owner._held[this] = true;
            return _inner.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            _owner._held.TryRemove(this, out _);
            _inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            _owner._held.TryRemove(this, out _);
            return _inner.DisposeAsync();
        }
    }
}
