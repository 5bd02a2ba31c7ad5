using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.History.Rows;

namespace Forge.Grains.Effects;

internal sealed class BeginEffectHandler : ChangeHandler<BeginEffect, BeginEffectResult>
{
    protected override long WeightOf(BeginEffect change) => SessionChange.WeightOf(change.RequestText);

    protected override BeginEffect Check(SessionRules rules, BeginEffect change)
    {
        BeginCommand.Require(rules, change);
        return change;
    }

    /// <summary>
    /// What the row says now, and not what was answered then: a repeat that comes late must not run what somebody has taken over, settled
    /// or resolved since.
    /// </summary>
    protected override async Task<Recalled<BeginEffectResult>> RecallAsync(
        LiveSession session, BeginEffect change, RequestMemory memory)
    {
        var begun = memory.Answer<Made>();
        var row = (await session.Effects.RequireAsync(change.Key)).Value;
        BeginCommand.Of(session.Services.Rules, change).RequireSame(session.Address, row);
        var now = session.Now;
        var isOwn = row.Epoch == begun.Epoch && (row.IsToken || row.StatusAt(now) == EffectStatus.Running);
        return new(true, new BeginEffectResult(isOwn, KnownEffects.ToEffect(session.Address, row, now)));
    }

    protected override async Task<Step<BeginEffectResult>> DecideAsync(
        LiveSession session, BeginEffect change, RequestMemory memory)
    {
        var command = BeginCommand.Of(session.Services.Rules, change);
        var retention = await session.Retention.GetAsync();
        var read = await session.Effects.FindAsync(change.Key);
        var now = session.Now;
        StoredEffect? begun = null;
        var work = session.Engine.IsNew && !retention.IsNothing ? session.Retention.Work() : null;
        var decision = session.Engine.BeginEffect(
            read,
            command,
            session.Services.Limits.Effects,
            now,
            row =>
            {
                begun = row;
                return memory.Remember(now, new Made(row.Epoch));
            },
            AuthorityOf(change),
            work);
        return new(decision, () => new BeginEffectResult(
            begun is not null,
            KnownEffects.ToEffect(session.Address, begun ?? read.Value!, now) with { Anchor = SessionEngine.AnchorAfter(decision) }));
    }

    /// <summary>What is remembered of a begin: the run that it made.</summary>
    private sealed record Made(long Epoch);
}
