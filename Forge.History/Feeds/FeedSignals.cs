using Forge.History.Changes;
using Forge.History.Stores;

namespace Forge.History.Feeds;

/// <summary>Tells those who wait for commits of a tenant, in the one process that commits. While nobody waits it costs a look at a number.</summary>
internal sealed class FeedSignals
{
    private readonly Lock _lock = new();
    private readonly List<Signal> _all = [];
    private volatile int _count;

    public IFeedSignal Listen(string tenant)
    {
        var signal = new Signal(this, tenant);
        lock (_lock)
        {
            _all.Add(signal);
            _count = _all.Count;
        }

        return signal;
    }

    /// <summary>Says that a batch may have been committed.</summary>
    public void Tell(CommitBatch batch)
    {
        if (_count == 0)
        {
            return;
        }

        lock (_lock)
        {
            foreach (var signal in _all)
            {
                if (batch.Commits.Any(commit => commit.Address.Tenant.Value == signal.Tenant))
                {
                    signal.Tell();
                }
            }
        }
    }

    private void Remove(Signal signal)
    {
        lock (_lock)
        {
            _all.Remove(signal);
            _count = _all.Count;
        }
    }

    private sealed class Signal(FeedSignals signals, string tenant) : IFeedSignal
    {
        private TaskCompletionSource _next = New();

        public string Tenant => tenant;

        public Task Next => Volatile.Read(ref _next).Task;

        public void Tell() => Interlocked.Exchange(ref _next, New()).TrySetResult();

        public void Dispose() => signals.Remove(this);

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
