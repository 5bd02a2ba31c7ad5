using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Feeds;

/// <summary>Looks out for the newest place of one feed for as long as anybody waits.</summary>
internal sealed class FeedWatch : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private FeedPlace? _newest;

    // Its result is true if looking failed.
    private TaskCompletionSource<bool> _next = New();

    public FeedWatch(TenantId tenant, IFeed feed, TimeSpan poll, TimeProvider time) =>
        _run = Task.Run(() => RunAsync(tenant, feed, poll, time, _stop.Token));

    /// <summary>How many wait; whoever holds the watch counts them.</summary>
    public int Waiters { get; set; }

    /// <summary>Completes when there is something behind a place, or when that cannot be found out: then whoever reads again learns why.</summary>
    public async Task PassesAsync(FeedPlace after, CancellationToken cancellationToken)
    {
        while (Next(after) is { } next)
        {
            if (await next.WaitAsync(cancellationToken))
            {
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private static TaskCompletionSource<bool> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What completes with the next look that finds something; null if there is something behind the place already.</summary>
    private Task<bool>? Next(FeedPlace after)
    {
        lock (_lock)
        {
            return _newest is { } newest && newest.IsAfter(after) ? null : _next.Task;
        }
    }

    private async Task RunAsync(TenantId tenant, IFeed feed, TimeSpan poll, TimeProvider time, CancellationToken stop)
    {
        using var signal = feed.Listen(tenant);
        while (!stop.IsCancellationRequested)
        {
            // Asked for before looking, so that a commit beside the look is heard.
            var commit = signal?.Next;
            var failed = await LookAsync(tenant, feed, stop);
            var wait = failed || commit is null ? Task.Delay(poll, time, stop) : commit.WaitAsync(stop);
            await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Looks, and wakes those who wait if there is news or it failed; true if it failed.</summary>
    private async Task<bool> LookAsync(TenantId tenant, IFeed feed, CancellationToken stop)
    {
        FeedPlace? newest;
        try
        {
            newest = await feed.NewestAsync(tenant, stop);
        }
        catch (Exception)
        {
            // They read by themselves, and are told what is the matter.
            newest = null;
        }

        TaskCompletionSource<bool>? woken = null;
        lock (_lock)
        {
            if (newest is null || newest != _newest)
            {
                (woken, _next, _newest) = (_next, New(), newest);
            }
        }

        woken?.SetResult(newest is null);
        return newest is null;
    }
}
