using Forge.Checkpoints;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Stores;

namespace Forge.Grains.Checkpoints;

internal sealed class ListAncestorsHandler : OperationHandler<ListAncestors, CheckpointPage>
{
    protected override async Task<CheckpointPage> RunAsync(
        LiveSession session, ListAncestors operation, CancellationToken cancellationToken)
    {
        PageRules.Require(operation.Limit, session.Services.Limits.PageItems);
        var from = operation.Cursor is { } cursor
            ? PageCursor.Parse(cursor, ListOrder.NewestFirst)
            : await FindAsync(session, operation.Checkpoint, cancellationToken);

        // One more than is shown, to tell whether there is a next page, and what the last one shown follows.
        var read = await session.Reads.ReadAncestorsAsync(session.Address, from, operation.Limit + 1, cancellationToken);
        session.NoteVersion(read.Version);
        var (items, bytes) = (new List<CheckpointSummary>(), 0L);
        for (var i = 0; i < read.Value.Count && i < operation.Limit && bytes < ListFilter.PageBytes; i++)
        {
            var above = i + 1 < read.Value.Count ? read.Value[i + 1].Sequence : 0;
            items.Add(read.Value[i].ToSummary() with { KeptParent = above });
            bytes += CheckpointList.BytesOf(read.Value[i]);
        }

        if (items.Count == 0)
        {
            await session.RequireNotDeletedAsync(cancellationToken);
        }

        return new CheckpointPage(items, items.Count < read.Value.Count ? PageCursor.Make(ListOrder.NewestFirst, items[^1].Sequence) : null);
    }

    private static async Task<long> FindAsync(LiveSession session, CheckpointReference checkpoint, CancellationToken cancellationToken)
    {
        if (await session.ReadAsync(checkpoint, CheckpointParts.Summary, cancellationToken) is { Row.Sequence: var sequence })
        {
            return sequence;
        }

        await session.RequireNotDeletedAsync(cancellationToken);
        throw session.NotFound(checkpoint);
    }
}
