using Forge.Errors;
using Forge.Grains.Portability;
using Forge.Grains.Rules;
using Forge.History.Chain;
using Forge.History.Stores;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionGrain
{
    /// <summary>How many effects of a snapshot are what was written, and how many are not.</summary>
    private async Task<(long Sound, long Damaged)> CountEffectsAsync(IHistorySnapshot snapshot, CancellationToken cancellationToken)
    {
        var (sound, damaged) = (0L, 0L);
        await foreach (var effect in snapshot.ReadEffectsAsync(cancellationToken))
        {
            (sound, damaged) = effect.WholeProblemIn(_address) is null ? (sound + 1, damaged) : (sound, damaged + 1);
        }

        return (sound, damaged);
    }

    /// <summary>Takes over effects that a document brought without a checkpoint that is new.</summary>
    private async Task TakeEffectsAsync(StagedEffectsAlone staged, Authority authority)
    {
        using var admission = _services.Budget.Enter(_session.Load, 1, ChangeRunner.ChangeWeight);
        using var pass = await _session.Gate.EnterExclusiveAsync();
        await _session.RefreshUsageAsync();
        var duplicates = 0;
        for (var round = 0; round < ChangeRunner.MaxRounds; round++)
        {
            RequireRoomForEffects(staged.Effects.Count);
            Decision decision;
            try
            {
                decision = _session.Engine.ImportEffects(staged, _session.Now, authority, _session.WorkTime);
            }
            catch (ForgeException refusal) when (refusal is SessionClaimedException or ClaimSupersededException or QuotaExceededException)
            {
                await _session.RequireCurrentAsync();
                throw;
            }

            if (decision.Change is { } change)
            {
                await _session.SettleAsync(change);
            }

            if (decision.Verdict != Verdict.Accepted)
            {
                continue;
            }

            if (_session.RequireCommitted(decision.Change!))
            {
                return;
            }

            if (++duplicates == 3)
            {
                throw new ImportRejectedException(0, $"an effect in it was begun in session {_address} meanwhile");
            }
        }

        throw ChangeRunner.KeepsChanging();
    }

    /// <summary>An import takes what any limits allow; what it is merged with counts too.</summary>
    private void RequireRoomForEffects(long count)
    {
        var (most, all) = (LimitsOptions.Widest.Effects, _session.Engine.ProjectedEffects + count);
        if (count > 0 && all > most)
        {
            throw new OverLimitException("effects", most, all, "effects");
        }
    }
}
