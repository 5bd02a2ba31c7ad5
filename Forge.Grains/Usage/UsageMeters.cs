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
    public const int AtOnce = 2;

    /// <summary>How many tenants that somebody asked for are held, whether or not a session of theirs is active.</summary>
    private const int MostAsked = 64;

    /// <summary>After so many new tenants those are let go of that nobody holds.</summary>
    private const int CleanAfter = 1000;

    /// <summary>How long sessions of a tenant wait for a count.</summary>
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
    public async ValueTask<UsageMeter?> OpenAsync(TenantId tenant)
    {
        if (!IsBound(LimitsOf(tenant)))
        {
            return null;
        }

        var meter = MeterOf(tenant);
        await meter.RefreshAsync();
        return meter;
    }

    /// <summary>
    /// What a tenant has and may have, as of an interval ago at the most if it has few sessions. If it cannot be counted, it is what was
    /// counted last.
    /// </summary>
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

        if (meter.IsDue)
        {
            try
            {
                await meter.CountAsync(cancellationToken);
            }
            catch (UnavailableException) when (meter.Last is not null)
            {
                // The time that is told with it says how old it is.
            }
        }

        return meter is { Now: { } now, Last.At: var at }
            ? (now, at, meter.Limits)
            : throw new UnavailableException("What the tenant has could not be counted, and is not counted again yet.", meter.Failure);
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
            if (meter.IsDue)
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

    /// <summary>The timestamp of now.</summary>
    internal long Timestamp => time.GetTimestamp();

    /// <summary>Counts what a tenant has.</summary>
    internal async Task<Counted> CountAsync(TenantId tenant)
    {
        var at = time.GetUtcNow();
        var use = await usage.CountAsync(tenant, CancellationToken.None);
        return new Counted(new Amount(use.Sessions, use.Bytes), at);
    }

    /// <summary>The timestamp from which a tenant is counted again, after a count that ends now, whether or not it failed.</summary>
    /// <param name="began">The timestamp at which the count began.</param>
    internal long AgainAfter(long began)
    {
        var rest = time.GetElapsedTime(began) * Share;
        rest = rest > LongestRest ? LongestRest : rest;
        rest = rest < Interval ? Interval : rest;
        return time.GetTimestamp() + (long)(rest.TotalSeconds * time.TimestampFrequency);
    }

    /// <summary>Waits for a count for as long as a session does, and does not say how it ended.</summary>
    /// <remarks>One that failed is queued, and whoever counts says what is the matter. It ends on no session's scheduler: others wait for it too.</remarks>
    internal async Task WaitAsync(Task counting) =>
        await counting.WaitAsync(FirstWait, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>True if limits bound anything.</summary>
    internal static bool IsBound(UsageLimits limits) => limits is not { Sessions: null or 0, StoredBytes: null or 0 };

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
