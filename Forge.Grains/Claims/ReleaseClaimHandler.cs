using Forge.Claims;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;

namespace Forge.Grains.Claims;

internal sealed class ReleaseClaimHandler : ChangeHandler<ReleaseClaim, SessionClaim>
{
    protected override ReleaseClaim Check(SessionRules rules, ReleaseClaim change)
    {
        ClaimRules.RequireEpoch(change.Epoch);
        return change;
    }

    protected override Task<Step<SessionClaim>> DecideAsync(LiveSession session, ReleaseClaim change, RequestMemory memory)
    {
        SessionClaim? left = null;
        var now = session.Now;
        var decision = session.Engine.Release(
            now,
            made =>
            {
                left = made;
                return memory.Remember(now, made);
            },
            AuthorityOf(change));
        return Task.FromResult(new Step<SessionClaim>(decision, () => left! with { Anchor = SessionEngine.AnchorAfter(decision) }));
    }
}
