using Forge.Checkpoints;
using Forge.Grains.Sessions;

namespace Forge.Grains.Checkpoints;

internal sealed class DeleteCheckpointHandler : ChangeHandler<DeleteCheckpoint, bool>
{
    protected override async Task<Step<bool>> DecideAsync(LiveSession session, DeleteCheckpoint change, RequestMemory memory)
    {
        var target = await session.FindRowAsync(change.Checkpoint);
        var now = session.Now;
        return target is { } found
            ? new(session.Engine.Delete(found, now, session.WorkTime, memory.Remember(now, true)), () => true)
            : Step<bool>.Nothing(false);
    }
}
