using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Operations;

namespace Forge.Grains.Effects;

/// <summary>
/// Records what whoever ran an effect says of its run. No claim of the session refuses it: what happened has happened, and the effect's own
/// epoch is what it is held against.
/// </summary>
internal abstract class SettleHandler<TChange> : ChangeHandler<TChange, Effect>
    where TChange : Change<Effect>
{
    protected sealed override Authority AuthorityOf(TChange change) => Authority.AboveClaims;

    /// <summary>The effect.</summary>
    protected abstract string KeyOf(TChange change);

    /// <summary>What is said of it.</summary>
    protected abstract EffectOutcome OutcomeOf(TChange change);

    protected sealed override async Task<Recalled<Effect>> RecallAsync(LiveSession session, TChange change, RequestMemory memory)
    {
        var row = (await session.Effects.RequireAsync(KeyOf(change))).Value;
        return memory.Answer<Made>().Taken
            ? new(true, KnownEffects.ToEffect(session.Address, row, session.Now))
            : throw Refuse(session, row, OutcomeOf(change));
    }

    protected sealed override async Task<Step<Effect>> DecideAsync(LiveSession session, TChange change, RequestMemory memory)
    {
        var read = await session.Effects.RequireAsync(KeyOf(change));
        var (outcome, now, row) = (OutcomeOf(change), session.Now, read.Value);
        if (outcome.Epoch > row.Epoch)
        {
            throw new InvalidRequestException("epoch", $"is of no run that was begun; the newest is {row.Epoch}");
        }

        var taken = false;
        var decision = session.Engine.SettleEffect(
            read,
            outcome,
            now,
            made =>
            {
                row = made;
                return memory.Remember(now, new Made(taken));
            },
            session.EffectWork(),
            out taken,
            session.WorkTime);
        return new(decision, () => taken
            ? KnownEffects.ToEffect(session.Address, row, now) with { Anchor = SessionEngine.AnchorAfter(decision) }
            : throw Refuse(session, row, outcome));
    }

    private static ForgeException Refuse(LiveSession session, StoredEffect row, EffectOutcome outcome) => outcome.Epoch == row.Epoch
        ? new EffectSettledException(session.Address, row.Key, row.Epoch, row.StatusAt(session.Now))
        : new EffectSupersededException(session.Address, row.Key, outcome.Epoch, row.Epoch, row.StatusAt(session.Now));

    /// <summary>What is remembered: whether it was taken, or kept as evidence alone.</summary>
    private sealed record Made(bool Taken);
}

internal sealed class CompleteEffectHandler : SettleHandler<CompleteEffect>
{
    protected override long WeightOf(CompleteEffect change) => change.Result.Length;

    protected override CompleteEffect Check(SessionRules rules, CompleteEffect change)
    {
        EffectRules.RequireKey("key", change.Key);
        EffectRules.RequireEpoch(change.EffectEpoch);
        EffectRules.RequireResult(rules, change.Result, change.ContentType);
        return change;
    }

    protected override string KeyOf(CompleteEffect change) => change.Key;

    protected override EffectOutcome OutcomeOf(CompleteEffect change) =>
        new(change.EffectEpoch, EffectVerdict.Completed, change.Result.ToArray(), change.ContentType);
}

internal sealed class FailEffectHandler : SettleHandler<FailEffect>
{
    protected override FailEffect Check(SessionRules rules, FailEffect change)
    {
        EffectRules.RequireKey("key", change.Key);
        EffectRules.RequireEpoch(change.EffectEpoch);
        EffectRules.RequireReason("reason", change.Reason);
        return change;
    }

    protected override string KeyOf(FailEffect change) => change.Key;

    protected override EffectOutcome OutcomeOf(FailEffect change) => new(change.EffectEpoch, EffectVerdict.Failed, Reason: change.Reason);
}
