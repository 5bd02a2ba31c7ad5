using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.Sessions;

namespace Forge.Grains.Erasure;

internal sealed class ReviveSessionHandler : ChangeHandler<ReviveSession, ReviveResult>
{
    protected override bool IsExclusive => true;

    protected override async Task<Step<ReviveResult>> DecideAsync(LiveSession session, ReviveSession change, RequestMemory memory)
    {
        var head = await session.ReadHeadAsync() ?? throw new SessionNotFoundException(session.Address);
        if (head.Head.DeletedAt is null)
        {
            throw new SessionExistsException(session.Address);
        }

        // Its rows have the key that the session goes on with, and whoever removes them must have ended.
        if (!await Removal.FinishAsync(session, head.Head.Key, CancellationToken.None))
        {
            throw new BusyException("session", "is deleted, and its rows are still being removed");
        }

        ReviveResult? answered = null;
        var now = session.Now;
        var decision = session.Engine.Revive(now, made =>
        {
            answered = made;
            return memory.Remember(now, made);
        });
        return new(decision, () => answered!);
    }
}
