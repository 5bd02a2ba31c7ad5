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

        var read = await session.ReadVersionedAsync(operation.Checkpoint, CheckpointParts.All, cancellationToken);
        if (read.Value is not { } found)
        {
            await session.RequireNotDeletedAsync(cancellationToken);
            return null;
        }

        var checkpoint = await session.Rescue.ToCheckpointAsync(found);
        checkpoint = await session.Bases.ToDifferenceAsync(checkpoint, operation.Have, cancellationToken);
        return checkpoint with { Summary = await session.ShowAsync(checkpoint.Summary, read.Version, cancellationToken) };
    }
}
