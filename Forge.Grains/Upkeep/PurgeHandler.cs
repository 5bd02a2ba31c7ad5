using Forge.Grains.Retention;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Upkeep;

/// <summary>
/// Makes what was erased unreadable in the database's own files. Behind the rest of a turn, so that what went in it is of it. It
/// may take as long as the tables are large, so it goes on beside the turns that come.
/// </summary>
internal sealed partial class PurgeHandler(
    IUpkeep upkeep, WorkClaims claims, IOptions<RetentionOptions> options, TimeProvider time, ILogger<PurgeHandler> logger) : ITidying
{
    /// <summary>It takes no more than one part in so many of a silo's time.</summary>
    private const int Share = 10;

    private long? _purgedAt;
    private TimeSpan _took;
    private Task? _running;

    public async Task TidyAsync(CancellationToken cancellationToken)
    {
        if (_running is null)
        {
            if ((_purgedAt is { } last && time.GetElapsedTime(last) < _took * Share)
                || await claims.ClaimAsync(DueWorkKind.Purge, cancellationToken) is not { } claimed)
            {
                return;
            }

            _running = PurgeAsync(claimed, cancellationToken);
        }

        var running = _running;
        try
        {
            await running.WaitAsync(options.Value.SweepInterval, time, cancellationToken);
        }
        catch (TimeoutException) when (!running.IsCompleted)
        {
            // The others of the next turn need not wait for it.
        }
        finally
        {
            _running = running.IsCompleted ? null : running;
        }
    }

    private async Task PurgeAsync(ClaimedWork claimed, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        bool done;
        try
        {
            done = await upkeep.PurgeAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception);
            await claims.PutOffAsync(claimed.Work, cancellationToken);
            return;
        }

        _purgedAt = time.GetTimestamp();
        _took = time.GetElapsedTime(began);
        var now = claims.Now;
        await upkeep.FinishWorkAsync(claimed.Work, done ? null : now, now, cancellationToken);
        if (done)
        {
            LogPurged(_took);
        }
    }

    [LoggerMessage(LogLevel.Error, "What was erased may be in the database's files still; it is tried again later")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(LogLevel.Information, "What was erased is out of the database's files, after {Duration}")]
    private partial void LogPurged(TimeSpan duration);
}
