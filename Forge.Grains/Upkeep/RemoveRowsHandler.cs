using Forge.Grains.Retention;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Upkeep;

/// <summary>Removes rows: of compacted ranges, of abandoned imports, or of deleted sessions. Each is a kind of its own.</summary>
internal abstract partial class RemoveRowsHandler(
    DueWorkKind kind, IUpkeep upkeep, WorkClaims claims, IOptions<RetentionOptions> options, ILogger logger) : IDueWorkHandler
{
    public DueWorkKind Kind => kind;

    private WorkClaims Claims => claims;

    public IDueWorkTurn Begin() => new Turn(this);

    private async Task<bool> StepAsync(DueWork work, CancellationToken cancellationToken)
    {
        var since = claims.Now - options.Value.RequestWindow;
        try
        {
            return await upkeep.DoWorkAsync(work, options.Value.SweepRows, since, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Others of its kind need not wait for it.
            LogFailed(kind, work.SessionKey, exception);
            await claims.PutOffAsync(work, cancellationToken);
            return true;
        }
    }

    [LoggerMessage(LogLevel.Error, "Work of kind {Kind} for the session with key {SessionKey} failed; it is tried again later")]
    private partial void LogFailed(DueWorkKind kind, long sessionKey, Exception exception);

    private sealed class Turn(RemoveRowsHandler handler) : IDueWorkTurn
    {
        private readonly WorkClaims _claims = handler.Claims;
        private ClaimedWork? _held;

        public async Task<bool> StepAsync(CancellationToken cancellationToken)
        {
            _held ??= await _claims.ClaimAsync(handler.Kind, cancellationToken);
            if (_held is not { } held)
            {
                return false;
            }

            if (await handler.StepAsync(held.Work, cancellationToken) || _claims.IsOld(held))
            {
                // What is not done is due still; the claim runs out by itself.
                _held = null;
            }

            return true;
        }
    }
}

/// <summary>Removes the rows of compacted ranges.</summary>
internal sealed class ReclaimHandler(
    IUpkeep upkeep, WorkClaims claims, IOptions<RetentionOptions> options, ILogger<ReclaimHandler> logger)
    : RemoveRowsHandler(DueWorkKind.Reclaim, upkeep, claims, options, logger);

/// <summary>Removes what imports staged that were abandoned.</summary>
internal sealed class StagingHandler(
    IUpkeep upkeep, WorkClaims claims, IOptions<RetentionOptions> options, ILogger<StagingHandler> logger)
    : RemoveRowsHandler(DueWorkKind.Staging, upkeep, claims, options, logger);

/// <summary>Removes the rows of deleted sessions.</summary>
internal sealed class EraseHandler(
    IUpkeep upkeep, WorkClaims claims, IOptions<RetentionOptions> options, ILogger<EraseHandler> logger)
    : RemoveRowsHandler(DueWorkKind.Erase, upkeep, claims, options, logger);
