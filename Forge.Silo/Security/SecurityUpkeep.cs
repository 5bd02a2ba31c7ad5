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

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Mode != SecurityMode.On)
        {
            return;
        }

        // Who holds something open by a key that was revoked is cut off however slowly the audit is written.
        await Task.WhenAll(
            RepeatAsync(() => TryAsync(() => open.CheckAsync(stoppingToken), stoppingToken), stoppingToken),
            RepeatAsync(() => WriteAsync(stoppingToken), stoppingToken));
    }

    /// <summary>One round of what may take as long as the database does.</summary>
    private async Task WriteAsync(CancellationToken cancellationToken)
    {
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

    private async Task RepeatAsync(Func<Task> round, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.CheckInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await round();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    /// <summary>What fails is done in the next round; nothing else waits for it, and no failure of it ends the silo.</summary>
    private async Task TryAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The silo stops, or its patience is over.
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "A round of the upkeep of security failed in part; the next one does it.")]
    private partial void LogFailed(Exception exception);
}
