using Forge.Checkpoints;
using Forge.Grains.Sessions;
using Forge.History.Stores;

namespace Forge.Grains.Checkpoints;

internal sealed class GetSummaryHandler : OperationHandler<GetSummary, CheckpointSummary?>
{
    protected override async Task<CheckpointSummary?> RunAsync(
        LiveSession session, GetSummary operation, CancellationToken cancellationToken) =>
        (await session.ReadAsync(operation.Checkpoint, CheckpointParts.Summary, cancellationToken))?.Row.ToSummary();
}
