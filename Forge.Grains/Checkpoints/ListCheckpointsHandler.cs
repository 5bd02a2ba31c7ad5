using Forge.Checkpoints;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;

namespace Forge.Grains.Checkpoints;

internal sealed class ListCheckpointsHandler : OperationHandler<ListCheckpoints, CheckpointPage>
{
    protected override async Task<CheckpointPage> RunAsync(
        LiveSession session, ListCheckpoints operation, CancellationToken cancellationToken)
    {
        var query = operation.Query;
        var filter = session.Services.Rules.ToFilter(query);
        var read = await session.Reads.ListAsync(session.Address, filter, cancellationToken);
        session.NoteVersion(read.Version);
        var items = read.Value.Take(query.Limit).Select(c => c.ToSummary()).ToArray();
        return new CheckpointPage(
            items, read.Value.Count > query.Limit ? PageCursor.Make(query.Order, items[^1].Sequence) : null);
    }
}
