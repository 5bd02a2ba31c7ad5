using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Forge.Silo.Http;
using Forge.Silo.Security.Callers;
using Forge.Silo.Security.Settings;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Quotas;

/// <summary>Holds each tenant to its quotas, in this silo. What is refused by one is told which, and when to come again.</summary>
internal sealed class TenantQuotas : IAsyncDisposable
{
    /// <summary>How often a second requests come in again.</summary>
    private const int Steps = 10;

    /// <summary>Whom those count for who are nobody: no tenant is called so, and none pays for them.</summary>
    private const string Nobody = "";

    private const string Bytes = "bytesPerSecond";

    private readonly QuotaOptions _options;
    private readonly bool _isSecure;
    private readonly TimeProvider _time;
    private readonly PartitionedRateLimiter<HttpContext> _requests;
    private readonly ConcurrentDictionary<string, ByteMeter> _bytes = [];
    private readonly ConcurrentDictionary<string, int> _streams = [];

    public TenantQuotas(IOptions<QuotaOptions> options, IOptions<SecurityOptions> security, TimeProvider time)
    {
        (_options, _isSecure, _time) = (options.Value, security.Value.Mode == SecurityMode.On, time);
        HasAny = _options.HasAny;
        _requests = PartitionedRateLimiter.Create<HttpContext, string>(context =>
        {
            var tenant = PayerOf(context);
            return Of(tenant, limits => limits.RequestsPerSecond) is > 0 and var rate
                ? RateLimitPartition.GetTokenBucketLimiter(tenant, _ => Bucket(rate))
                : RateLimitPartition.GetNoLimiter(tenant);
        });
    }

    /// <summary>True if there is any bound.</summary>
    public bool HasAny { get; }

    /// <summary>Requests by tenant, for ASP.NET Core's middleware.</summary>
    public PartitionedRateLimiter<HttpContext> Requests => _requests;

    /// <summary>Takes a message that came by no request of its own.</summary>
    /// <param name="context">The connection that it came by.</param>
    /// <param name="bytes">What was sent for it.</param>
    /// <returns>How it is refused, if the tenant has used its quota up; null if it is not.</returns>
    public Problem? Take(HttpContext context, long bytes)
    {
        if (!HasAny)
        {
            return null;
        }

        using var lease = _requests.AttemptAcquire(context);
        if (!lease.IsAcquired)
        {
            return RefusalOf(lease);
        }

        if (MeterOf(context) is not { } meter)
        {
            return null;
        }

        if (meter.Wait() is { } wait)
        {
            return Refusal(Bytes, wait);
        }

        meter.Take(bytes);
        return null;
    }

    /// <summary>Counts the bytes of a request as they are read: what its head says of its length is only said.</summary>
    /// <exception cref="ProblemException">The tenant has used its quota up.</exception>
    public Task MeterAsync(HttpContext context, RequestDelegate next)
    {
        if (!IsOpen(context) && MeterOf(context) is { } meter)
        {
            if (meter.Wait() is { } wait)
            {
                throw new ProblemException(Refusal(Bytes, wait));
            }

            context.Request.Body = new CountedBody(context.Request.Body, meter);
        }

        return next(context);
    }

    /// <summary>Counts something that is open, for as long as the result is not disposed of.</summary>
    /// <exception cref="ProblemException">The tenant has as many open as it may have.</exception>
    public IDisposable EnterStream(HttpContext context)
    {
        var tenant = PayerOf(context);
        if (Of(tenant, limits => limits.Streams) is not (> 0 and var most))
        {
            return Nothing.Instance;
        }

        if (_streams.AddOrUpdate(tenant, 1, (_, count) => count + 1) > most)
        {
            Leave(tenant);
            throw new ProblemException(Refusal("streams", null));
        }

        return new Entry(this, tenant);
    }

    /// <summary>The answer to a request for which a lease was not given.</summary>
    public static Problem RefusalOf(RateLimitLease lease) =>
        Refusal("requestsPerSecond", lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : null);

    public ValueTask DisposeAsync() => _requests.DisposeAsync();

    private static Problem Refusal(string quota, TimeSpan? wait) => new(
        StatusCodes.Status429TooManyRequests, "quota_exceeded", $"The tenant has used its quota of {quota} up.", ("quota", quota))
    {
        RetryAfter = wait,
    };

    private static TokenBucketRateLimiterOptions Bucket(int rate)
    {
        var step = Math.Max(1, rate / Steps);
        return new()
        {
            TokenLimit = rate,
            TokensPerPeriod = step,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)step / rate),
            QueueLimit = 0,
            AutoReplenishment = true,
        };
    }

    // What is for everybody reads no body, and must answer whoever has used a quota up.
    private static bool IsOpen(HttpContext context) => context.GetEndpoint()?.Metadata is { } metadata
        && (metadata.GetMetadata<IAllowAnonymous>() is not null || metadata.GetMetadata<DisableRateLimitingAttribute>() is not null);

    private string PayerOf(HttpContext context) => _isSecure && Caller.Of(context) is null ? Nobody : TenantScope.TenantOf(context).Value;

    private ByteMeter? MeterOf(HttpContext context)
    {
        var tenant = PayerOf(context);
        return Of(tenant, limits => limits.BytesPerSecond) is > 0 and var rate
            ? _bytes.GetOrAdd(tenant, (_, perSecond) => new ByteMeter(perSecond, _time), rate)
            : null;
    }

    private T? Of<T>(string tenant, Func<QuotaLimits, T?> limit)
        where T : struct =>
        (_options.Tenants.TryGetValue(tenant, out var own) ? limit(own) : null) ?? limit(_options);

    private void Leave(string tenant) => _streams.AddOrUpdate(tenant, 0, (_, count) => count - 1);

    private sealed class Entry(TenantQuotas quotas, string tenant) : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                quotas.Leave(tenant);
            }
        }
    }

    private sealed class Nothing : IDisposable
    {
        public static Nothing Instance { get; } = new();

        public void Dispose()
        {
            // Nothing is counted.
        }
    }
}
