using Forge.Checkpoints;
using Forge.Grains.Sessions;
using Forge.History.Stores;

namespace Forge.Grains.Checkpoints;

internal sealed class GetCheckpointHandler : OperationHandler<GetCheckpoint, Checkpoint?>
{
    protected override async Task<Checkpoint?> RunAsync(
        LiveSession session, GetCheckpoint operation, CancellationToken cancellationToken) =>
        await session.ReadAsync(operation.Checkpoint, CheckpointParts.All, cancellationToken) is { } read
            ? await session.Rescue.ToCheckpointAsync(read)
            : null;
}
