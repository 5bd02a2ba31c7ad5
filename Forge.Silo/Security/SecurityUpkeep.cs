using Forge.Errors;
using Forge.History.Stores;
using Forge.Silo.Security.Audit;
using Forge.Silo.Security.Keys;
using Forge.Silo.Security.Settings;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Security;

/// <summary>
/// What is done beside the requests while security is on: credentials of what is open are looked at, the audit is written, the use of keys is
/// noted, and what is old goes.
/// </summary>
internal sealed partial class SecurityUpkeep(
    OpenCallers open, AuditTrail audit, CheckedKeys keys, IAccess store, IOptions<SecurityOptions> options, TimeProvider time, ILogger<SecurityUpkeep> logger)
    : BackgroundService
{
    private const int TrimmedAtOnce = 1_000;

    private static readonly TimeSpan TrimEvery = TimeSpan.FromMinutes(10);

    /// <summary>How long the last entries may keep a silo from stopping.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(2);

    private long? _trimmedAt;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (options.Value.Mode == SecurityMode.On)
        {
            using var timeout = new CancellationTokenSource(LastPatience, time);
            await TryAsync(() => audit.WriteAsync(timeout.Token), timeout.Token);
        }
    }

    /// <summary>One round.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        await TryAsync(() => open.CheckAsync(cancellationToken), cancellationToken);
        await TryAsync(() => audit.WriteAsync(cancellationToken), cancellationToken);
        if (keys.TakeUsed() is { Length: > 0 } used)
        {
            await TryAsync(() => store.NoteUseAsync(used, time.GetUtcNow(), cancellationToken), cancellationToken);
        }

        if (_trimmedAt is not { } at || time.GetElapsedTime(at) >= TrimEvery)
        {
            await TryAsync(
                async () =>
                {
                    // Each silo trims; what another one took is not there any more.
                    var before = time.GetUtcNow() - options.Value.AuditAge;
                    if (await store.TrimAsync(before, TrimmedAtOnce, cancellationToken) < TrimmedAtOnce)
                    {
                        _trimmedAt = time.GetTimestamp();
                    }
                },
                cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Mode != SecurityMode.On)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.CheckInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await RunAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    /// <summary>What fails is done in the next round; nothing else waits for it.</summary>
    private async Task TryAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work();
        }
        catch (Exception exception) when (exception is UnavailableException or BatchRejectedException)
        {
            LogFailed(exception);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The silo stops, or its patience is over.
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "A round of the upkeep of security failed in part; the next one does it.")]
    private partial void LogFailed(Exception exception);
}
