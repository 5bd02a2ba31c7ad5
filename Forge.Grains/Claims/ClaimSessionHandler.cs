using Forge.Claims;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;

namespace Forge.Grains.Claims;

internal sealed class ClaimSessionHandler : ChangeHandler<ClaimSession, SessionClaim>
{
    protected override ClaimSession Check(SessionRules rules, ClaimSession change)
    {
        if (change.Epoch is not null)
        {
            throw new InvalidRequestException("epoch", "must not be given: a claim is made under no other; renew the one that you have");
        }

        ClaimRules.RequireOwner(change.Owner);
        rules.RequireLease(change.Lease);
        return change;
    }

    /// <summary>It is what takes the right from others, and so needs none.</summary>
    protected override Authority AuthorityOf(ClaimSession change) => Authority.AboveClaims;

    protected override async Task<Step<SessionClaim>> DecideAsync(LiveSession session, ClaimSession change, RequestMemory memory)
    {
        var retention = await session.Retention.GetAsync();
        SessionClaim? claim = null;
        var now = session.Now;
        var work = session.Engine.IsNew && !retention.IsNothing ? session.Retention.Work() : null;
        var decision = session.Engine.Claim(
            change,
            now,
            made =>
            {
                claim = made;
                return memory.Remember(now, made);
            },
            work);
        return new(decision, () => claim! with { Anchor = SessionEngine.AnchorAfter(decision) });
    }
}
