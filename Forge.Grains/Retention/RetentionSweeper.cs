using Forge.Errors;
using Forge.Grains.History;
using Forge.Grains.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Retention;

/// <summary>
/// Carries out due work of the history in small steps: rows of compacted ranges, abandoned imports, deleted sessions, old
/// requests. Whichever silo is free claims a piece; a silo that dies leaves it to be claimed again when its lease is up.
/// </summary>
internal sealed partial class RetentionSweeper(
    IHistoryStore store, IOptions<ForgeOptions> options, TimeProvider time, ILogger<RetentionSweeper> logger) : BackgroundService
{
    private readonly RetentionOptions _options = options.Value.Retention;
    private readonly string _owner = Guid.NewGuid().ToString("N");

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.SweepInterval, time);
        try
        {
            do
            {
                try
                {
                    await SweepAsync(stoppingToken);
                }
                catch (UnavailableException exception)
                {
                    LogUnavailable(exception.Message);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    LogFault(exception);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was claimed is claimed again, here or elsewhere, when its lease is up.
        }
    }

    /// <summary>Does all the work that is due now.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        while (await store.ClaimDueWorkAsync(_owner, time.GetUtcNow(), _options.WorkLease, cancellationToken) is { } work)
        {
            var claimed = time.GetTimestamp();
            var done = false;
            while (!done && time.GetElapsedTime(claimed) < _options.WorkLease / 2)
            {
                done = await store.DoWorkAsync(work, _options.SweepRows, time.GetUtcNow() - _options.RequestWindow, cancellationToken);
            }

            if (!done)
            {
                // The rest is due still; the claim runs out by itself.
                break;
            }
        }

        while (await store.ForgetRequestsAsync(time.GetUtcNow() - _options.RequestWindow, _options.SweepRows, cancellationToken)
            == _options.SweepRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    [LoggerMessage(LogLevel.Warning, "The sweep waits for the database: {Problem}")]
    private partial void LogUnavailable(string problem);

    [LoggerMessage(LogLevel.Error, "The sweep failed and goes on at its next turn")]
    private partial void LogFault(Exception exception);
}
