using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.History.Stores;

namespace Forge.Grains.Checkpoints;

internal sealed class DeleteCheckpointHandler : ChangeHandler<DeleteCheckpoint, bool>
{
    protected override async Task<Step<bool>> DecideAsync(LiveSession session, DeleteCheckpoint change, RequestMemory memory)
    {
        var target = await session.FindRowAsync(change.Checkpoint);
        if (target?.Value.Id.Value == memory.Id)
        {
            // Both would be remembered under one id.
            throw new RequestConflictException(session.Address, memory.Id, "operation");
        }

        if (target is not { } found)
        {
            return Step<bool>.Nothing(false);
        }

        Versioned<CheckpointPointer?>? ancestor =
            session.Engine.NeedsAncestor(found.Value) ? await session.ReadNearestAsync(found.Value.Parent) : null;
        var now = session.Now;
        return new(
            session.Engine.Delete(found, ancestor, now, session.WorkTime, memory.Remember(now, true), AuthorityOf(change)), () => true);
    }
}
