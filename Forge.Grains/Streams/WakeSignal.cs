namespace Forge.Grains.Streams;

/// <summary>
/// Wakes all who wait, at once after a quiet time and else not before an interval is over since they were woken last. What comes meanwhile
/// wakes them together. The fewer they are the shorter is the interval, for what it spares is their number times what waking one costs. Safe
/// for any thread.
/// </summary>
/// <param name="interval">The interval for <see cref="Crowd"/> who wait, or more.</param>
/// <param name="time">The clock.</param>
internal sealed class WakeSignal(TimeSpan interval, TimeProvider time) : IDisposable
{
    /// <summary>So many who wait, or more, are woken no more often than the interval says.</summary>
    public const int Crowd = 32;

    private readonly Lock _lock = new();
    private TaskCompletionSource? _waiting;
    private int _count;
    private ITimer? _timer;
    private long? _wokenAt;
    private bool _isDue;
    private bool _isEnded;

    /// <summary>Ends when they are woken next; is over already if the signal has ended.</summary>
    public Task NextAsync()
    {
        lock (_lock)
        {
            _count++;
            return _isEnded ? Task.CompletedTask
                : (_waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Something has happened.</summary>
    public void Raise()
    {
        lock (_lock)
        {
            // Nobody who waits, nobody to wake: who comes now sees what has happened.
            if (_waiting is null || _isDue)
            {
                return;
            }

            var wait = _wokenAt is { } at ? interval * (Math.Min(_count, Crowd) / (double)Crowd) - time.GetElapsedTime(at) : TimeSpan.Zero;
            if (wait <= TimeSpan.Zero)
            {
                Wake();
                return;
            }

            _isDue = true;
            if (_timer is null)
            {
                _timer = time.CreateTimer(_ => WakeLate(), null, wait, Timeout.InfiniteTimeSpan);
            }
            else
            {
                _timer.Change(wait, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Wakes all, now and from now on.</summary>
    public void End()
    {
        lock (_lock)
        {
            _isEnded = true;
            Wake();
        }
    }

    public void Dispose()
    {
        End();
        _timer?.Dispose();
    }

    private void WakeLate()
    {
        lock (_lock)
        {
            Wake();
        }
    }

    private void Wake()
    {
        (_isDue, _wokenAt, _count) = (false, time.GetTimestamp(), 0);
        _waiting?.SetResult();
        _waiting = null;
    }
}
