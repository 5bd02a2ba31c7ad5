namespace Forge.Grains.Activity;

/// <summary>
/// The sessions that were active since it was last written down: behind their commits, so that no commit waits for it. Safe for
/// concurrent use.
/// </summary>
internal sealed class ActivityNotes
{
    /// <summary>How many sessions are held; what is beyond is left to the walk over all sessions.</summary>
    public const int Most = 100_000;

    private readonly Lock _lock = new();
    private readonly HashSet<long> _keys = [];
    private TaskCompletionSource _any = NewSignal();

    /// <summary>Notes a session; of many times the first counts.</summary>
    public void Note(long key)
    {
        lock (_lock)
        {
            if (_keys.Count < Most && _keys.Add(key) && _keys.Count == 1)
            {
                _any.TrySetResult();
            }
        }
    }

    /// <summary>Notes again what was taken and could not be written down.</summary>
    public void Return(IEnumerable<long> keys)
    {
        foreach (var key in keys)
        {
            Note(key);
        }
    }

    /// <summary>Takes at most so many, by rising key.</summary>
    public IReadOnlyList<long> Take(int most)
    {
        lock (_lock)
        {
            long[] taken = _keys.Count <= most ? [.. _keys] : [.. _keys.Take(most)];
            _keys.ExceptWith(taken);
            if (_keys.Count == 0 && _any.Task.IsCompleted)
            {
                _any = NewSignal();
            }

            Array.Sort(taken);
            return taken;
        }
    }

    /// <summary>Waits until there is something to take.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _any.Task.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
