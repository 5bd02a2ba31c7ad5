using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.History.Stores;
using Forge.Sessions;

namespace Forge.Grains.Branches;

internal sealed class ListBranchesHandler : OperationHandler<ListBranches, IReadOnlyList<BranchInfo>>
{
    protected override async Task<IReadOnlyList<BranchInfo>> RunAsync(
        LiveSession session, ListBranches operation, CancellationToken cancellationToken)
    {
        var head = await session.Reads.ReadHeadAsync(session.Address, cancellationToken)
            ?? throw new SessionNotFoundException(session.Address);
        session.NoteVersion(head.Head.Version);
        return head.Head.DeletedAt is not null
            ? throw new SessionDeletedException(session.Address)
            : [
                InfoOf(BranchNames.Main, head.LineOf(null) with { Count = head.MainCount }),
                .. head.Branches.Select(branch => InfoOf(branch.Key, branch.Value)),
            ];
    }

    private static BranchInfo InfoOf(string branch, BranchLine line) =>
        new(branch, PointerOf(line.Head), PointerOf(line.Current), line.Count);

    private static CheckpointPointer? PointerOf(CheckpointPointer pointer) => pointer.Sequence == 0 ? null : pointer;
}
