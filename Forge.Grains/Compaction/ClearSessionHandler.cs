using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.Sessions;

namespace Forge.Grains.Compaction;

internal sealed class ClearSessionHandler : ChangeHandler<ClearSession, ClearResult>
{
    protected override bool IsExclusive => true;

    protected override async Task<Step<ClearResult>> DecideAsync(LiveSession session, ClearSession change, RequestMemory memory)
    {
        var head = await session.ReadHeadAsync();
        var (now, engine) = (session.Now, session.Engine);
        if (head is null && engine.IsNew)
        {
            throw new SessionNotFoundException(session.Address);
        }

        if (!memory.IsWanted && engine is { IsNew: false, ProjectedCount: 0 } && head is { Head.DeletedAt: null })
        {
            return Step<ClearResult>.Nothing(new ClearResult(0), engine.NewestPending);
        }

        // One that has a request id is committed though there is nothing to remove: its repeat must not take what came behind it.

        ClearResult? answered = null;
        var decision = engine.Clear(now, session.WorkTime, made =>
        {
            answered = made;
            return memory.Remember(now, made);
        }, AuthorityOf(change));
        return new(decision, () => answered!);
    }
}
