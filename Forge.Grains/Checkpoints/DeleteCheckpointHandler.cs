using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.History.Stores;

namespace Forge.Grains.Checkpoints;

internal sealed class DeleteCheckpointHandler : ChangeHandler<DeleteCheckpoint, bool>
{
    protected override async Task<Step<bool>> DecideAsync(LiveSession session, DeleteCheckpoint change, RequestMemory memory)
    {
        var retention = await session.Retention.GetAsync();
        var (target, requirers) = await session.FindToDeleteAsync(change.Checkpoint);
        if (target?.Value.Id.Value == memory.Id)
        {
            // Both would be remembered under one id.
            throw new RequestConflictException(session.Address, memory.Id, "operation");
        }

        if (target is not { } found)
        {
            return Step<bool>.Nothing(false);
        }

        var (engine, row) = (session.Engine, found.Value);
        Versioned<CheckpointPointer?>? ancestor = engine.NeedsAncestor(row) ? await session.ReadNearestAsync(row.Parent) : null;
        Versioned<CheckpointPointer?>? below = engine.NeedsBelow(row) ? await session.ReadBelowAsync(row.Branch, row.Sequence) : null;
        var now = session.Now;
        try
        {
            return new(
                engine.Delete(
                    found,
                    ancestor,
                    below,
                    now,
                    session.WorkTime,
                    memory.Remember(now, true),
                    AuthorityOf(change),
                    requirers,
                    session.Retention.WorkForDelete(retention, row)),
                () => true);
        }
        catch (CheckpointRequiredException)
        {
            // It may rest on what this activation knows of the session.
            await session.RequireCurrentAsync();
            throw;
        }
    }
}
