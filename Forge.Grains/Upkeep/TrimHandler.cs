using Forge.Grains.Retention;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Upkeep;

/// <summary>Goes through the log of one session after another, and removes the old events of each.</summary>
internal sealed partial class TrimHandler(
    IUpkeep upkeep, WorkClaims claims, IOptions<RetentionOptions> options, ILogger<TrimHandler> logger) : IDueWorkHandler
{
    private readonly RetentionOptions _options = options.Value;

    public DueWorkKind Kind => DueWorkKind.Trim;

    public IDueWorkTurn Begin() => new Turn(this);

    private Task<ClaimedWork?> ClaimAsync(CancellationToken cancellationToken) => claims.ClaimAsync(Kind, cancellationToken);

    /// <summary>Takes a step of one log.</summary>
    /// <returns>The position to go on after; null if it is done, or was put off because it failed.</returns>
    private async Task<long?> StepAsync(ClaimedWork held, long after, CancellationToken cancellationToken)
    {
        var now = claims.Now;
        long? next;
        try
        {
            next = await upkeep.TrimEventsAsync(
                held.Work.SessionKey, after, _options.EventCount, now - _options.EventAge, now, _options.SweepRows, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Other logs need not wait for it.
            LogFailed(held.Work.SessionKey, exception);
            await claims.PutOffAsync(held.Work, cancellationToken);
            return null;
        }

        if (next is not null && !claims.IsOld(held))
        {
            return next;
        }

        await upkeep.FinishWorkAsync(held.Work, next is null ? null : now, now, cancellationToken);
        return null;
    }

    [LoggerMessage(LogLevel.Error, "The log of the session with key {SessionKey} was not trimmed; it is tried again later")]
    private partial void LogFailed(long sessionKey, Exception exception);

    private sealed class Turn(TrimHandler handler) : IDueWorkTurn
    {
        private ClaimedWork? _held;
        private long _after;

        public async Task<bool> StepAsync(CancellationToken cancellationToken)
        {
            if (_held is null)
            {
                (_held, _after) = (await handler.ClaimAsync(cancellationToken), 0);
            }

            if (_held is not { } held)
            {
                return false;
            }

            // Let go of if this fails: another log is gone through at the next step.
            _held = null;
            if (await handler.StepAsync(held, _after, cancellationToken) is { } after)
            {
                (_held, _after) = (held, after);
            }

            return true;
        }
    }
}
