using Forge.Benchmarks.Runs;
using Forge.Client;

namespace Forge.Benchmarks.Streams;

/// <summary>A subscriber that notes how far it has been told, and that it was told of each position once.</summary>
internal sealed class SeenPositions : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, TaskCompletionSource> _waiting = [];
    private readonly Task _watching;
    private long _seen;

    public SeenPositions(SessionHandle session) => _watching = Task.Run(() => WatchAsync(session));

    /// <summary>The newest position that it was told of.</summary>
    public long Seen => Interlocked.Read(ref _seen);

    /// <summary>Over once it was told of a position.</summary>
    public Task UntilAsync(long position)
    {
        lock (_lock)
        {
            if (_seen >= position)
            {
                return Task.CompletedTask;
            }

            var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(position, waits);
            return Task.WhenAny(waits.Task, _watching).Unwrap();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await ((Task)_watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task WatchAsync(SessionHandle session)
    {
        await foreach (var happened in session.WatchAsync(cancellationToken: _stop.Token))
        {
            if (happened.Position != _seen + 1)
            {
                throw new ValidationException("streams", $"position {happened.Position} came behind {_seen}");
            }

            lock (_lock)
            {
                _seen = happened.Position;
                while (_waiting.Count > 0 && _waiting.First() is var (position, waits) && position <= _seen)
                {
                    _waiting.Remove(position);
                    waits.SetResult();
                }
            }
        }
    }
}
