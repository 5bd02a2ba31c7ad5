using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Usage;

/// <summary>
/// Counts again what tenants have that have a quota, an interval behind what this silo's sessions changed or were refused. Nothing is
/// counted of tenants that nobody here changes.
/// </summary>
internal sealed partial class UsageCounter(UsageMeters meters, TimeProvider time, ILogger<UsageCounter> logger) : BackgroundService
{
    private bool _isTold;

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

    /// <summary>Counts those that are due. One that cannot be is tried again.</summary>
    internal async Task CountAsync(CancellationToken cancellationToken)
    {
        foreach (var meter in meters.TakeDue())
        {
            try
            {
                await meter.CountAsync(cancellationToken);
                _isTold = false;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                meter.Queue();
                if (!_isTold)
                {
                    _isTold = true;
                    LogFailed(meter.Tenant.Value, exception);
                }
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "What tenant {Tenant} has could not be counted; its quotas hold by the last count, and it is tried again")]
    private partial void LogFailed(string tenant, Exception exception);
}
