using Forge.Checkpoints;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Stores;

namespace Forge.Grains.Checkpoints;

internal sealed class ListAncestorsHandler : OperationHandler<ListAncestors, CheckpointPage>
{
    /// <summary>A page ends with what brings it to so many bytes.</summary>
    private const long PageBytes = 4 * 1024 * 1024;

    protected override async Task<CheckpointPage> RunAsync(
        LiveSession session, ListAncestors operation, CancellationToken cancellationToken)
    {
        PageRules.Require(operation.Limit, session.Services.Limits.PageItems);
        var (of, last) = operation.Cursor is { } cursor
            ? AncestorCursor.Parse(cursor, operation.Checkpoint)
            : (await FindAsync(session, operation.Checkpoint, cancellationToken), null);

        // One more than is shown, to tell whether there is a next page, and what the last one shown follows.
        var read = await session.Reads.ReadAncestorsAsync(session.Address, last ?? of, operation.Limit + 1, cancellationToken);
        session.NoteVersion(read.Version);
        var (items, bytes) = (new List<CheckpointSummary>(), 0L);
        for (var i = 0; i < read.Value.Count && i < operation.Limit && bytes < PageBytes; i++)
        {
            var above = i + 1 < read.Value.Count ? read.Value[i + 1].Sequence : 0;
            items.Add(read.Value[i].ToSummary() with { KeptParent = above });
            bytes += CheckpointList.BytesOf(read.Value[i]);
        }

        if (items.Count == 0)
        {
            await session.RequireNotDeletedAsync(cancellationToken);
            if (read.Version == 0)
            {
                throw session.NotFound(operation.Checkpoint);
            }
        }

        return new CheckpointPage(items, items.Count < read.Value.Count ? AncestorCursor.Make(of, items[^1].Sequence) : null);
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
