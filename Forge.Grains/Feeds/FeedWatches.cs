using Forge.History.Stores;
using Forge.Identity;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;

namespace Forge.Grains.Feeds;

/// <summary>
/// Lets callers wait for news of feeds: one look-out for each tenant that somebody waits for, and nothing for others. What it knows is the
/// newest place, so that it takes the same memory whatever happens and however many sessions there are. When the silo stops, which waits for
/// all calls that it has, nobody waits any more.
/// </summary>
internal sealed class FeedWatches(IFeed feed, IOptions<FeedOptions> options, TimeProvider time) : ILifecycleParticipant<ISiloLifecycle>
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<TenantId, FeedWatch> _watches = [];
    private int _waiters;

    /// <summary>How many callers wait.</summary>
    public int Waiters => Volatile.Read(ref _waiters);

    /// <summary>How many tenants are looked out for.</summary>
    public int Tenants
    {
        get
        {
            lock (_lock)
            {
                return _watches.Count;
            }
        }
    }

    /// <summary>Waits until there may be something behind a place.</summary>
    /// <returns>False if the time was over before; at once if as many wait as may, or the silo stops.</returns>
    public async Task<bool> WaitAsync(TenantId tenant, FeedPlace after, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (Enter(tenant) is not { } watch)
        {
            return false;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var passes = watch.PassesAsync(after, over.Token);
            await await Task.WhenAny(passes, _over.Task).WaitAsync(wait, time, cancellationToken);
            return passes.IsCompletedSuccessfully;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            await over.CancelAsync();
            await LeaveAsync(tenant, watch);
        }
    }

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle observer) => observer.Subscribe(
        nameof(FeedWatches),
        ServiceLifecycleStage.Active,
        _ => Task.CompletedTask,
        _ =>
        {
            _over.TrySetResult();
            return Task.CompletedTask;
        });

    /// <summary>Counts somebody who waits; null if that may not be.</summary>
    private FeedWatch? Enter(TenantId tenant)
    {
        lock (_lock)
        {
            if (_over.Task.IsCompleted || _waiters >= options.Value.Waiters)
            {
                return null;
            }

            _waiters++;
            if (!_watches.TryGetValue(tenant, out var watch))
            {
                _watches.Add(tenant, watch = new FeedWatch(tenant, feed, options.Value.Poll, time));
            }

            watch.Waiters++;
            return watch;
        }
    }

    private ValueTask LeaveAsync(TenantId tenant, FeedWatch watch)
    {
        lock (_lock)
        {
            _waiters--;
            if (--watch.Waiters > 0)
            {
                return ValueTask.CompletedTask;
            }

            _watches.Remove(tenant);
        }

        return watch.DisposeAsync();
    }
}
