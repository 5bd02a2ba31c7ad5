using Forge.Claims;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;

namespace Forge.Grains.Claims;

internal sealed class RenewClaimHandler : ChangeHandler<RenewClaim, SessionClaim>
{
    protected override RenewClaim Check(SessionRules rules, RenewClaim change)
    {
        ClaimRules.RequireEpoch(change.Epoch);
        rules.RequireLease(change.Lease);
        return change;
    }

    protected override Task<Step<SessionClaim>> DecideAsync(LiveSession session, RenewClaim change, RequestMemory memory)
    {
        SessionClaim? claim = null;
        var now = session.Now;
        var decision = session.Engine.Renew(
            change.Lease,
            now,
            made =>
            {
                claim = made;
                return memory.Remember(now, made);
            },
            AuthorityOf(change));
        return Task.FromResult(new Step<SessionClaim>(decision, () => claim! with { Anchor = SessionEngine.AnchorAfter(decision) }));
    }
}
