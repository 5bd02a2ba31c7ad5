namespace Forge.Grains.Streams;

/// <summary>
/// Wakes all who wait, at once after a quiet time and else not before an interval is over since they were woken last. What comes meanwhile
/// wakes them together. Safe for any thread.
/// </summary>
/// <param name="interval">The interval.</param>
/// <param name="time">The clock.</param>
internal sealed class WakeSignal(TimeSpan interval, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _waiting;
    private ITimer? _timer;
    private long? _wokenAt;
    private bool _isDue;
    private bool _isEnded;

    /// <summary>Ends when they are woken next; is over already if the signal has ended.</summary>
    public Task NextAsync()
    {
        lock (_lock)
        {
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

            var wait = _wokenAt is { } at ? interval - time.GetElapsedTime(at) : TimeSpan.Zero;
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
        (_isDue, _wokenAt) = (false, time.GetTimestamp());
        _waiting?.SetResult();
        _waiting = null;
    }
}
