using Forge.Checkpoints;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.Sessions;

namespace Forge.Grains.Forks;

internal sealed class ListForksHandler : OperationHandler<ListForks, ForkPage>
{
    protected override async Task<ForkPage> RunAsync(LiveSession session, ListForks operation, CancellationToken cancellationToken)
    {
        var limit = operation.Limit;
        PageRules.Require(limit, session.Services.Limits.PageItems);
        var before = operation.Cursor is { } cursor ? PageCursor.Parse(cursor, ListOrder.NewestFirst) : long.MaxValue;

        // One more than is shown, to tell whether there is a next page.
        var found = await session.Services.Forks.ListAsync(session.Address, before, limit + 1, cancellationToken);
        if (found.Count == 0)
        {
            await session.RequireNotDeletedAsync(cancellationToken);
        }
        else if (operation.Anchor is not null)
        {
            // The links are rows of other sessions, and say nothing of this one's version.
            session.NoteVersion((await session.Reads.ReadHeadAsync(session.Address, cancellationToken))?.Head.Version ?? 0);
        }

        return new ForkPage(
            [
                .. found.Take(limit).Select(fork => new SessionFork(
                    fork.Session, new CheckpointPointer(fork.Link.Sequence, fork.Link.Id), fork.Link.At)),
            ],
            found.Count > limit ? PageCursor.Make(ListOrder.NewestFirst, found[limit - 1].Key) : null);
    }
}
