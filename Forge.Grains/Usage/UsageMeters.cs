using System.Collections.Concurrent;
using Forge.Errors;
using Forge.History.Stores;
using Forge.Identity;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Usage;

/// <summary>
/// What the tenants of this silo's sessions have. A tenant is held for as long as one of its sessions is active here, so that what is held is
/// bounded as those are. Safe for concurrent use.
/// </summary>
internal sealed class UsageMeters(IUsage usage, IOptions<UsageOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>A count takes no more than one part in so many of the time until the next one of the same tenant.</summary>
    private const int Share = 50;

    /// <summary>How many counts are at the database at once.</summary>
    private const int AtOnce = 2;

    /// <summary>How many tenants that somebody asked for are held, whether or not a session of theirs is active.</summary>
    private const int MostAsked = 64;

    /// <summary>After so many new tenants those are let go of that nobody holds.</summary>
    private const int CleanAfter = 1000;

    /// <summary>How long the first session of a tenant waits for the first count.</summary>
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);

    /// <summary>However long a count takes, the next one comes no later, unless the interval is longer.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(5);

    private readonly UsageOptions _options = options.Value;
    private readonly Lock _lock = new();
    private readonly Dictionary<TenantId, WeakReference<UsageMeter>> _meters = [];
    private readonly UsageMeter?[] _asked = new UsageMeter?[MostAsked];
    private readonly ConcurrentQueue<UsageMeter> _wanted = new();
    private readonly SemaphoreSlim _slots = new(AtOnce);
    private TaskCompletionSource _any = NewSignal();
    private int _askedNext;
    private int _added;

    /// <summary>No count of a tenant comes sooner after the one before.</summary>
    public TimeSpan Interval => _options.CountInterval;

    /// <summary>
    /// What bounds the sessions of a tenant; null if nothing does. It was counted once, unless that takes longer than a second or fails: then
    /// nothing is refused until it was.
    /// </summary>
    public async ValueTask<IGrowthBound?> OpenAsync(TenantId tenant)
    {
        if (LimitsOf(tenant) is { Sessions: null or 0, StoredBytes: null or 0 })
        {
            return null;
        }

        var meter = MeterOf(tenant);
        if (meter.Last is null)
        {
            meter.Queue();
            try
            {
                await meter.CountAsync(CancellationToken.None).WaitAsync(FirstWait, time);
            }
            catch (Exception exception) when (exception is TimeoutException or ForgeException)
            {
                // It is queued, and whoever counts says what is the matter.
            }
        }

        return meter;
    }

    /// <summary>What a tenant has and may have, as of an interval ago at the most if it has few sessions.</summary>
    /// <exception cref="UnavailableException">The database cannot be reached, or does not answer in time.</exception>
    public async Task<(Amount Amount, DateTimeOffset CountedAt, UsageLimits Limits)> ReadAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var meter = MeterOf(tenant);
        lock (_lock)
        {
            if (!_asked.Contains(meter))
            {
                _asked[_askedNext++ % MostAsked] = meter;
            }
        }

        if (IsDue(meter))
        {
            await meter.CountAsync(cancellationToken);
        }

        return (meter.Now!.Value, meter.Last!.At, meter.Limits);
    }

    /// <summary>Waits until some are to be counted.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _any.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Those that are to be counted now. Those whose rest is not over stay.</summary>
    public IReadOnlyList<UsageMeter> TakeDue()
    {
        lock (_lock)
        {
            _any = NewSignal();
        }

        var due = new List<UsageMeter>();
        for (var left = _wanted.Count; left > 0 && _wanted.TryDequeue(out var meter); left--)
        {
            meter.Dequeue();
            if (IsDue(meter))
            {
                due.Add(meter);
            }
            else
            {
                meter.Queue();
            }
        }

        return due;
    }

    public void Dispose() => _slots.Dispose();

    /// <summary>Counts what a tenant has.</summary>
    internal async Task<Counted> CountAsync(TenantId tenant)
    {
        var (at, began) = (time.GetUtcNow(), time.GetTimestamp());
        var use = await usage.CountAsync(tenant, CancellationToken.None);
        var rest = time.GetElapsedTime(began) * Share;
        rest = rest > LongestRest ? LongestRest : rest;
        rest = rest < Interval ? Interval : rest;
        var again = time.GetTimestamp() + (long)(rest.TotalSeconds * time.TimestampFrequency);
        return new Counted(new Amount(use.Sessions, use.Bytes), at, again);
    }

    /// <summary>Waits for the turn to count.</summary>
    internal async Task<IDisposable> EnterAsync()
    {
        await _slots.WaitAsync();
        return new Slot(_slots);
    }

    internal void Enqueue(UsageMeter meter)
    {
        _wanted.Enqueue(meter);
        lock (_lock)
        {
            _any.TrySetResult();
        }
    }

    private bool IsDue(UsageMeter meter) => meter.Last is not { Again: var again } || time.GetTimestamp() >= again;

    private UsageMeter MeterOf(TenantId tenant)
    {
        lock (_lock)
        {
            if (_meters.TryGetValue(tenant, out var held) && held.TryGetTarget(out var meter))
            {
                return meter;
            }

            if (++_added % CleanAfter == 0)
            {
                foreach (var gone in _meters.Where(entry => !entry.Value.TryGetTarget(out _)).Select(entry => entry.Key).ToList())
                {
                    _meters.Remove(gone);
                }
            }

            meter = new UsageMeter(tenant, LimitsOf(tenant), this);
            _meters[tenant] = new(meter);
            return meter;
        }
    }

    private UsageLimits LimitsOf(TenantId tenant)
    {
        var own = _options.Tenants.TryGetValue(tenant.Value, out var limits) ? limits : null;
        return new UsageLimits { Sessions = own?.Sessions ?? _options.Sessions, StoredBytes = own?.StoredBytes ?? _options.StoredBytes };
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }
}
