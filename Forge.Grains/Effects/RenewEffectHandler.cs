using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;

namespace Forge.Grains.Effects;

internal sealed class RenewEffectHandler : ChangeHandler<RenewEffect, EffectSummary>
{
    // A repeat renews once more, which is as good.
    protected override bool IsRemembered(RenewEffect change) => false;

    // What runs is told to run whoever has claimed the session meanwhile.
    protected override Authority AuthorityOf(RenewEffect change) => Authority.AboveClaims;

    protected override RenewEffect Check(SessionRules rules, RenewEffect change)
    {
        EffectRules.RequireKey("key", change.Key);
        EffectRules.RequireEpoch(change.EffectEpoch);
        EffectRules.RequireLease(rules, change.Lease);
        return change;
    }

    protected override async Task<Step<EffectSummary>> DecideAsync(LiveSession session, RenewEffect change, RequestMemory memory)
    {
        var read = await session.Effects.RequireAsync(change.Key);
        var (now, row) = (session.Now, read.Value);
        if (row.Epoch != change.EffectEpoch)
        {
            throw change.EffectEpoch > row.Epoch
                ? new InvalidRequestException("epoch", $"is of no run that was begun; the newest is {row.Epoch}")
                : new EffectSupersededException(session.Address, row.Key, change.EffectEpoch, row.Epoch, row.StatusAt(now));
        }

        if (row.State != EffectStatus.Running)
        {
            throw new EffectSettledException(session.Address, row.Key, row.Epoch, row.StatusAt(now));
        }

        var decision = session.Engine.RenewEffect(read, now + change.Lease, AuthorityOf(change), out var renewed);
        return new(decision, () => KnownEffects.Show(session.Address, renewed, now));
    }
}
