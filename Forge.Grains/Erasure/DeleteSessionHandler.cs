using Forge.Grains.Sessions;
using Forge.Sessions;

namespace Forge.Grains.Erasure;

internal sealed class DeleteSessionHandler : ChangeHandler<DeleteSession, bool>
{
    protected override bool IsExclusive => true;

    protected override async Task<Step<bool>> DecideAsync(LiveSession session, DeleteSession change, RequestMemory memory)
    {
        // The tombstone is read, not remembered: this activation may be one that the database has overtaken.
        var head = await session.ReadHeadAsync();
        if (head is not { Head.DeletedAt: not null })
        {
            return head is null
                ? Step<bool>.Nothing(false)
                : new(session.Engine.DeleteSession(session.WorkTime, AuthorityOf(change), memory.Remember(session.Now, true)), () => true);
        }

        // Its repeat must not delete the session if that was revived since, whoever deleted it the first time.
        return memory.Remember(session.Now, true) is { } request
            ? new(session.Engine.RememberDeletion(request), () => true)
            : Step<bool>.Nothing(false);
    }
}
