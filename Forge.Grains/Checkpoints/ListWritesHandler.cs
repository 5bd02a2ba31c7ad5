using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.History.Verification;

namespace Forge.Grains.Checkpoints;

internal sealed class ListWritesHandler : OperationHandler<ListWrites, WritePage?>
{
    protected override async Task<WritePage?> RunAsync(LiveSession session, ListWrites operation, CancellationToken cancellationToken)
    {
        var limits = session.Services.Limits;
        PageRules.Require(operation.Limit, limits.PageItems);
        var cursor = operation.Cursor is { } given ? WriteCursor.Parse(given) : ((long Sequence, WriteKey Last)?)null;
        var read = await session.Services.Writes.ListAsync(
            session.Address, operation.Checkpoint, cursor?.Last, operation.Limit, limits.PageStateBytes, cancellationToken);
        session.NoteVersion(read.Version);
        if (read.Value is not { } found)
        {
            await session.RequireNotDeletedAsync(cancellationToken);
            return null;
        }

        return cursor is { Sequence: var sequence } && sequence != found.Checkpoint.Sequence
            ? throw WriteCursor.Wrong()
            : new WritePage(
                found.Checkpoint,
                [.. found.Rows.Select(row => Sound(session, found, row))],
                found.HasMore ? WriteCursor.Make(found.Checkpoint.Sequence, found.Rows[^1].Key) : null);
    }

    private static PendingWrite Sound(LiveSession session, WriteList found, StoredWrite row) =>
        WriteAudit.ProblemOf(session.Address, row) is { } problem
            ? throw new StateCorruptedException(
                session.Address, found.Checkpoint.Sequence, found.Checkpoint.Id,
                $"pending write {row.Index} of task {row.Task}: {problem}")
            : row.ToWrite();
}
