using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Usage;

/// <summary>
/// Counts again what tenants have that have a quota, an interval behind what this silo's sessions changed or were refused. Nothing is
/// counted of tenants that nobody here changes: the first change behind a while has them counted itself.
/// </summary>
internal sealed partial class UsageCounter(UsageMeters meters, TimeProvider time, ILogger<UsageCounter> logger) : BackgroundService
{
    private volatile bool _isTold;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await meters.WaitAsync(stoppingToken);
                await Task.Delay(meters.Interval, time, stoppingToken);
                await CountAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was not counted is when a session of its tenant is active again.
        }
    }

    /// <summary>Counts those that are due, as many at once as may be. One that cannot be has queued itself, and is tried again.</summary>
    internal Task CountAsync(CancellationToken cancellationToken) => Parallel.ForEachAsync(
        meters.TakeDue(),
        new ParallelOptions { MaxDegreeOfParallelism = UsageMeters.AtOnce, CancellationToken = cancellationToken },
        CountAsync);

    private async ValueTask CountAsync(UsageMeter meter, CancellationToken cancellationToken)
    {
        try
        {
            // A session may have had it counted while others were.
            if (meter.IsDue)
            {
                await meter.CountAsync(cancellationToken);
                _isTold = false;
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (!_isTold)
            {
                _isTold = true;
                LogFailed(meter.Tenant.Value, exception);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "What tenant {Tenant} has could not be counted; its quotas hold by the last count, and it is tried again")]
    private partial void LogFailed(string tenant, Exception exception);
}
