using Forge.Grains.Sessions;
using Forge.Sessions;

namespace Forge.Grains.Erasure;

internal sealed class DeleteSessionHandler : ChangeHandler<DeleteSession, bool>
{
    protected override bool IsExclusive => true;

    // The name can be deleted once, so the tombstone is all there is to remember.
    protected override bool IsRemembered(DeleteSession change) => false;

    protected override async Task<Step<bool>> DecideAsync(LiveSession session, DeleteSession change, RequestMemory memory)
    {
        // The tombstone is read, not remembered: this activation may be one that the database has overtaken.
        var head = await session.ReadHeadAsync();
        return head is null or { Head.DeletedAt: not null }
            ? Step<bool>.Nothing(head is not null && change.Request.Id != Guid.Empty)
            : new(session.Engine.DeleteSession(session.WorkTime, AuthorityOf(change)), () => true);
    }
}
