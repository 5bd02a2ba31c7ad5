using Forge.Checkpoints;
using Forge.Grains.Sessions;
using Forge.History.Stores;

namespace Forge.Grains.Checkpoints;

internal sealed class GetCheckpointHandler : OperationHandler<GetCheckpoint, Checkpoint?>
{
    protected override async Task<Checkpoint?> RunAsync(
        LiveSession session, GetCheckpoint operation, CancellationToken cancellationToken)
    {
        if (operation.Have is { } have)
        {
            StateBases.RequireNamed("have", have);
        }

        if (await session.Held.FindAsync(operation.Checkpoint, cancellationToken) is { } held)
        {
            return await session.Bases.ToDifferenceAsync(held, operation.Have, cancellationToken);
        }

        var destroyed = session.Held.DestroyedKeys;
        var read = await session.ReadVersionedAsync(operation.Checkpoint, CheckpointParts.All, cancellationToken);
        if (read.Value is not { } found)
        {
            await session.RequireNotDeletedAsync(cancellationToken);
            return null;
        }

        var (checkpoint, isSound) = await session.Rescue.ReadAsync(found);
        var summary = await session.ShowAsync(checkpoint.Summary, read.Version, cancellationToken);
        if (isSound)
        {
            // Whoever reads what is damaged has it put right, and is not to find it in memory before that.
            session.Held.Note(read.With(found), summary, checkpoint.Annotations, checkpoint.State, destroyed);
        }

        return await session.Bases.ToDifferenceAsync(checkpoint with { Summary = summary }, operation.Have, cancellationToken);
    }
}
