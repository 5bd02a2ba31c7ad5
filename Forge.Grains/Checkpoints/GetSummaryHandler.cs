using Forge.Checkpoints;
using Forge.Grains.Sessions;
using Forge.History.Stores;

namespace Forge.Grains.Checkpoints;

internal sealed class GetSummaryHandler : OperationHandler<GetSummary, CheckpointSummary?>
{
    protected override async Task<CheckpointSummary?> RunAsync(
        LiveSession session, GetSummary operation, CancellationToken cancellationToken)
    {
        var read = await session.ReadVersionedAsync(operation.Checkpoint, CheckpointParts.Summary, cancellationToken);
        if (read.Value is { Row: var row })
        {
            return await session.ShowAsync(row.ToSummary(), read.Version, cancellationToken);
        }

        await session.RequireNotDeletedAsync(cancellationToken);
        return null;
    }
}
