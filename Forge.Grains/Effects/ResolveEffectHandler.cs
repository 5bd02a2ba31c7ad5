using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Rows;

namespace Forge.Grains.Effects;

internal sealed class ResolveEffectHandler : ChangeHandler<ResolveEffect, Effect>
{
    protected override long WeightOf(ResolveEffect change) => change.Result.Length;

    // Whoever finds out what became of a run is no worker of the session; the run that is named is what it is held against.
    protected override Authority AuthorityOf(ResolveEffect change) => Authority.AboveClaims;

    protected override ResolveEffect Check(SessionRules rules, ResolveEffect change)
    {
        EffectRules.RequireKey("key", change.Key);
        EffectRules.RequireEpoch(change.EffectEpoch);
        _ = change.Verdict.ToName();
        EffectRules.RequireBy(change.By);
        EffectRules.RequireReason("why", change.Why);
        EffectRules.RequireResult(rules, change.Result, change.ContentType);
        return change.Verdict == EffectVerdict.Completed || change.Result.IsEmpty
            ? change
            : throw new InvalidRequestException("result", "must not be given unless the verdict is completed");
    }

    protected override async Task<Recalled<Effect>> RecallAsync(LiveSession session, ResolveEffect change, RequestMemory memory) =>
        new(true, KnownEffects.ToEffect(session.Address, (await session.Effects.RequireAsync(change.Key)).Value, session.Now));

    protected override async Task<Step<Effect>> DecideAsync(LiveSession session, ResolveEffect change, RequestMemory memory)
    {
        var read = await session.Effects.RequireAsync(change.Key);
        var (verdict, now, row) = (VerdictOf(change), session.Now, read.Value);
        if (row.Epoch != verdict.Epoch)
        {
            throw verdict.Epoch > row.Epoch
                ? new InvalidRequestException("epoch", $"is of no run that was begun; the newest is {row.Epoch}")
                : new EffectSupersededException(session.Address, row.Key, verdict.Epoch, row.Epoch, row.StatusAt(now));
        }

        if (row.ResolvedBy == verdict.By && row.Reason == verdict.Reason && verdict.IsSaidBy(row))
        {
            return Step<Effect>.Nothing(KnownEffects.ToEffect(session.Address, row, now));
        }

        if (row.IsToken || row.StatusAt(now) is EffectStatus.Running or EffectStatus.Completed)
        {
            throw new EffectSettledException(session.Address, row.Key, row.Epoch, row.StatusAt(now));
        }

        var decision = session.Engine.ResolveEffect(
            read,
            verdict,
            now,
            made =>
            {
                row = made;
                return memory.Remember(now, true);
            },
            AuthorityOf(change),
            change.Verdict == EffectVerdict.Retry ? null : session.EffectWork());
        return new(decision, () => KnownEffects.ToEffect(session.Address, row, now) with { Anchor = SessionEngine.AnchorAfter(decision) });
    }

    private static EffectOutcome VerdictOf(ResolveEffect change) => new(
        change.EffectEpoch,
        change.Verdict,
        change.Verdict == EffectVerdict.Completed ? change.Result.ToArray() : null,
        change.Verdict == EffectVerdict.Completed ? change.ContentType : null,
        change.Why,
        change.By);
}
