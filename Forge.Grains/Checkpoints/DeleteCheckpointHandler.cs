using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Sessions;

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

        var now = session.Now;
        return target is { } found
            ? new(session.Engine.Delete(found, now, session.WorkTime, memory.Remember(now, true)), () => true)
            : Step<bool>.Nothing(false);
    }
}
