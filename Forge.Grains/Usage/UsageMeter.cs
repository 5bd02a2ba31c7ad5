using Forge.Errors;
using Forge.Identity;

namespace Forge.Grains.Usage;

/// <summary>
/// What a tenant has, as far as a silo knows: what was counted last, and what this silo's own sessions changed since. What others did is known
/// by the next count alone.
/// </summary>
/// <remarks>
/// What was being written when a count began is in the count or not, and is counted beside it until the next one: rather once too often
/// than not at all. So a count that no change of this silo is under way beside is right.
/// </remarks>
internal sealed class UsageMeter(TenantId tenant, UsageLimits limits, UsageMeters all) : IGrowthBound
{
    private readonly Lock _lock = new();
    private Counted? _counted;
    private Amount _since;
    private Amount _underWay;
    private bool _isQueued;
    private Task? _counting;

    public TenantId Tenant => tenant;

    /// <summary>What it may have; 0 for no bound.</summary>
    public UsageLimits Limits => limits;

    /// <summary>What was counted last; null before the first count.</summary>
    public Counted? Last
    {
        get
        {
            lock (_lock)
            {
                return _counted;
            }
        }
    }

    /// <summary>What it has now, without what is being written; null before the first count.</summary>
    public Amount? Now
    {
        get
        {
            lock (_lock)
            {
                return _counted?.Amount + _since;
            }
        }
    }

    public void Require(Amount growth)
    {
        lock (_lock)
        {
            RequireRoom(growth);
        }
    }

    public void Take(Amount growth)
    {
        lock (_lock)
        {
            Want();
            RequireRoom(growth);
            _underWay += growth.Added;
        }
    }

    public void Settle(Amount growth, bool isKept)
    {
        lock (_lock)
        {
            Want();
            _underWay -= growth.Added;
            _since += isKept ? growth : default;
        }
    }

    /// <summary>Takes it from the queue of those that are to be counted: what happens from now on queues it again.</summary>
    public void Dequeue()
    {
        lock (_lock)
        {
            _isQueued = false;
        }
    }

    /// <summary>Queues it to be counted.</summary>
    public void Queue()
    {
        lock (_lock)
        {
            Want();
        }
    }

    /// <summary>Counts, or waits for the count that is under way.</summary>
    /// <param name="cancellationToken">Ends the wait, and not the count.</param>
    /// <exception cref="UnavailableException">The database cannot be reached, or does not answer in time.</exception>
    public Task CountAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_counting is not { IsCompleted: false })
            {
                _counting = Task.Run(RunAsync, CancellationToken.None);
            }

            return _counting.WaitAsync(cancellationToken);
        }
    }

    private async Task RunAsync()
    {
        using var slot = await all.EnterAsync();
        Amount before;
        lock (_lock)
        {
            before = _since;
        }

        var counted = await all.CountAsync(tenant);
        lock (_lock)
        {
            (_counted, _since) = (counted, _since - before);
        }
    }

    private void Want()
    {
        if (!_isQueued)
        {
            _isQueued = true;
            all.Enqueue(this);
        }
    }

    // As long as nothing was counted, nothing is known to be too much.
    private void RequireRoom(Amount growth)
    {
        if (_counted is { Amount: var counted })
        {
            var used = counted + _since + _underWay;
            RequireRoom("sessions", limits.Sessions, used.Sessions, growth.Sessions);
            RequireRoom("storedBytes", limits.StoredBytes, used.Bytes, growth.Bytes);
        }
    }

    private static void RequireRoom(string quota, long? limit, long used, long growth)
    {
        if (growth > 0 && limit is > 0 and var most && used > most - growth)
        {
            throw new QuotaExceededException(quota, most, used);
        }
    }
}

/// <summary>What was counted.</summary>
/// <param name="Amount">How much.</param>
/// <param name="At">When.</param>
/// <param name="Again">The timestamp before which it is not counted again by itself.</param>
internal sealed record Counted(Amount Amount, DateTimeOffset At, long Again);
