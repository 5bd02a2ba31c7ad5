using Forge.Grains.Retention;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Upkeep;

/// <summary>Goes through the log of one session after another, and removes the old events of each.</summary>
internal sealed class TrimHandler(IUpkeep upkeep, WorkClaims claims, IOptions<RetentionOptions> options) : IDueWorkHandler
{
    public DueWorkKind Kind => DueWorkKind.Trim;

    public IDueWorkTurn Begin() => new Turn(upkeep, claims, options.Value);

    private sealed class Turn(IUpkeep upkeep, WorkClaims claims, RetentionOptions options) : IDueWorkTurn
    {
        private ClaimedWork? _held;
        private long _after;

        public async Task<bool> StepAsync(CancellationToken cancellationToken)
        {
            if (_held is null)
            {
                (_held, _after) = (await claims.ClaimAsync(DueWorkKind.Trim, cancellationToken), 0);
            }

            if (_held is not { } held)
            {
                return false;
            }

            // Let go of if this fails: another log is gone through at the next step.
            _held = null;
            var now = claims.Now;
            var next = await upkeep.TrimEventsAsync(
                held.Work.SessionKey, _after, options.EventCount, now - options.EventAge, options.SweepRows, cancellationToken);
            if (next is { } after && !claims.IsOld(held))
            {
                (_held, _after) = (held, after);
                return true;
            }

            await upkeep.FinishWorkAsync(held.Work, next is null ? null : now, now, cancellationToken);
            return true;
        }
    }
}
