using Forge.Checkpoints;
using Forge.Grains.Sessions;
using Forge.History.Stores;

namespace Forge.Grains.Checkpoints;

internal sealed class GetSummaryHandler : OperationHandler<GetSummary, CheckpointSummary?>
{
    protected override async Task<CheckpointSummary?> RunAsync(
        LiveSession session, GetSummary operation, CancellationToken cancellationToken)
    {
        if (await session.Held.FindSummaryAsync(operation.Checkpoint, cancellationToken) is { } held)
        {
            return held;
        }

        var destroyed = session.Held.DestroyedKeys;
        var read = await session.ReadVersionedAsync(operation.Checkpoint, CheckpointParts.Summary, cancellationToken);
        if (read.Value is { } found)
        {
            var summary = await session.ShowAsync(found.Row.ToSummary(), read.Version, cancellationToken);
            session.Held.Note(read.With(found), summary, annotations: null, state: null, destroyed);
            return summary;
        }

        await session.RequireNotDeletedAsync(cancellationToken);
        return null;
    }
}
