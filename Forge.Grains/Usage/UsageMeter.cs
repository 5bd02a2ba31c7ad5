using Forge.Errors;
using Forge.Identity;

namespace Forge.Grains.Usage;

/// <summary>
/// What a tenant has, as far as a silo knows: what was counted last, and what this silo's own sessions changed since. What others did is known
/// by the next count alone.
/// </summary>
/// <remarks>
/// What was being added when a count began is in the count or not, and is counted beside it until the next one: rather once too often
/// than not at all. For the same reason what was being removed until a count ended is taken for counted, and is not subtracted from it. So a
/// count that no change of this silo is under way beside is right, and by the changes of one silo alone there is never more than is known.
/// </remarks>
internal sealed class UsageMeter(TenantId tenant, UsageLimits limits, UsageMeters all) : IGrowthBound
{
    private readonly Lock _lock = new();
    private Counted? _counted;
    private Amount _added;
    private Amount _removed;
    private Amount _adding;
    private Amount _removing;

    // What was being removed as the last count ended, and is not settled yet.
    private Amount _mayBeCounted;
    private long? _again;
    private Exception? _failure;
    private bool _isQueued;
    private Task? _counting;
    private Task? _awaited;

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

    /// <summary>True if it may be counted: it never was, or its rest after the last count is over, whether or not that failed.</summary>
    public bool IsDue
    {
        get
        {
            lock (_lock)
            {
                return IsRested;
            }
        }
    }

    /// <summary>Why the last count failed; null if it did not.</summary>
    public Exception? Failure
    {
        get
        {
            lock (_lock)
            {
                return _failure;
            }
        }
    }

    /// <summary>What it has now, without what is being written; null before the first count. Never below 0.</summary>
    public Amount? Now
    {
        get
        {
            lock (_lock)
            {
                return _counted is { Amount: var counted } ? HasBy(counted) : null;
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
            _adding += growth.Added;
            _removing += growth.Removed;
        }
    }

    public void Settle(Amount growth, Amount kept)
    {
        lock (_lock)
        {
            Want();
            _adding -= growth.Added;
            _removing -= growth.Removed;
            _added += kept.Added;

            // Which removals those were is not known, and makes no difference: their sum is what must not be subtracted.
            var counted = Amount.Least(kept.Removed, _mayBeCounted);
            _mayBeCounted -= counted;
            _removed += kept.Removed - counted;
        }
    }

    /// <summary>
    /// Counts before something is decided, if the last count is longer ago than it would be if it were kept up behind changes. Waits a second
    /// at the most from when the count began, and never for one that is made behind changes. Never fails.
    /// </summary>
    public ValueTask RefreshAsync()
    {
        lock (_lock)
        {
            if (_awaited is not { IsCompleted: false })
            {
                if (_isQueued || !IsRested || _counting is { IsCompleted: false })
                {
                    return default;
                }

                _awaited = all.WaitAsync(Begin());
            }

            return new ValueTask(_awaited);
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
            return Begin().WaitAsync(cancellationToken);
        }
    }

    private bool IsRested => _again is not { } again || all.Timestamp >= again;

    private Task Begin() => _counting is { IsCompleted: false } counting ? counting : _counting = Task.Run(RunAsync, CancellationToken.None);

    private async Task RunAsync()
    {
        using var slot = await all.EnterAsync();
        Amount before;
        lock (_lock)
        {
            before = _added;
        }

        var began = all.Timestamp;
        try
        {
            var counted = await all.CountAsync(tenant);
            lock (_lock)
            {
                (_counted, _failure, _again) = (counted, null, all.AgainAfter(began));
                (_added, _removed, _mayBeCounted) = (_added - before, default, _removing);
            }
        }
        catch (Exception exception)
        {
            lock (_lock)
            {
                (_failure, _again) = (exception, all.AgainAfter(began));
                if (UsageMeters.IsBound(limits))
                {
                    Want();
                }
            }

            throw;
        }
    }

    private Amount HasBy(Amount counted) => (counted + _added - _removed).Added;

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
            var used = HasBy(counted) + _adding;
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
internal sealed record Counted(Amount Amount, DateTimeOffset At);
