using Forge.Events;

namespace Forge.Client.Retries;

/// <summary>
/// One session, as those in this process watch it. Alone each reads for itself. As soon as there are several, one reading is made for all that
/// have caught up with it, so that the silo tells this process of an event once and not once for each.
/// </summary>
/// <param name="read">Reads from a position on and goes on by itself, batch after batch, until the token or a definite error ends it.</param>
internal sealed class SharedWatch(Func<long, CancellationToken, IAsyncEnumerable<IReadOnlyList<LogEvent>>> read)
{
    /// <summary>How many of the newest batches are kept for those who are behind. Who is further behind reads for itself until it is back.</summary>
    public const int KeptBatches = 16;

    private readonly Lock _lock = new();
    private readonly Queue<Batch> _kept = [];
    private Func<Task>? _stop;
    private Batch? _newest;
    private int _watchers;

    /// <summary>Another one watches, until <see cref="Leave"/>. False if the session is not watched any more, and another object is to be made.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_watchers < 0)
            {
                return false;
            }

            _watchers++;
            return true;
        }
    }

    /// <summary>One watches no more. True if it was the last: then the reading ends.</summary>
    public bool Leave()
    {
        lock (_lock)
        {
            if (--_watchers > 0)
            {
                return false;
            }

            _watchers = -1;
            End();
            return true;
        }
    }

    /// <summary>The batch behind which a watcher goes on that knows what is up to a position; null if it has to read for itself.</summary>
    /// <param name="position">The position.</param>
    /// <param name="isTold">
    /// True if it was told of the position by its own reading: then the session has got that far, the shared reading will, and it may begin
    /// if there is none and others watch too.
    /// </param>
    public Batch? Join(long position, bool isTold)
    {
        lock (_lock)
        {
            if (_newest is null)
            {
                return isTold && _watchers > 1 ? Begin(position) : null;
            }

            if (!isTold && position > _newest.Last)
            {
                // It may be of another session, or of a database that was set back, which the silo has to say.
                return null;
            }

            // Of those that it knows, the one that leaves least to be passed over.
            Batch? found = null;
            foreach (var batch in _kept)
            {
                found = batch.Last <= position ? batch : found;
            }

            return found;
        }
    }

    private Batch Begin(long position)
    {
        var reading = new CancellationTokenSource();
        _stop = reading.CancelAsync;
        _newest = new Batch([], position);
        _kept.Enqueue(_newest);
        var (first, ended) = (_newest, reading.Token);

        // In nobody's context, for it may outlast whoever watched first.
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(() => ReadAsync(position, ended), CancellationToken.None);
        }

        return first;
    }

    private async Task ReadAsync(long position, CancellationToken ended)
    {
        try
        {
            await foreach (var events in read(position, ended))
            {
                lock (_lock)
                {
                    if (ended.IsCancellationRequested)
                    {
                        return;
                    }

                    if (events.Count > 0)
                    {
                        Add(events);
                    }
                }
            }
        }
        catch (Exception)
        {
            // Each of those who watch meets it by its own reading, if it is one for them.
        }

        lock (_lock)
        {
            if (!ended.IsCancellationRequested)
            {
                End();
            }
        }
    }

    private void Add(IReadOnlyList<LogEvent> events)
    {
        var (before, batch) = (_newest!, new Batch(events, events[^1].Position));
        _newest = batch;
        _kept.Enqueue(batch);
        if (_kept.Count > KeptBatches)
        {
            _kept.Dequeue().Cut();
        }

        before.Follow(batch);
    }

    /// <summary>Under the lock: those who wait read for themselves from now on.</summary>
    private void End()
    {
        var (stop, newest) = (_stop, _newest);
        (_stop, _newest) = (null, null);
        _kept.Clear();
        newest?.Follow(null);

        // Whatever listens for it is none of those who hold the lock.
        _ = stop?.Invoke();
    }

    /// <summary>Events that came together, and what follows them.</summary>
    public sealed class Batch(IReadOnlyList<LogEvent> events, long last)
    {
        private static readonly TaskCompletionSource<Batch?> Gone = MakeGone();

        private volatile TaskCompletionSource<Batch?> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The events, oldest first.</summary>
        public IReadOnlyList<LogEvent> Events => events;

        /// <summary>The newest position of them, and of all that were before.</summary>
        public long Last => last;

        /// <summary>What comes next; null if it is not kept any more, or will not come.</summary>
        public Task<Batch?> NextAsync() => _next.Task;

        public void Follow(Batch? next) => _next.TrySetResult(next);

        /// <summary>Lets go of what follows, so that somebody who is far behind holds one batch and not all since.</summary>
        public void Cut() => _next = Gone;

        private static TaskCompletionSource<Batch?> MakeGone()
        {
            var gone = new TaskCompletionSource<Batch?>();
            gone.SetResult(null);
            return gone;
        }
    }
}
