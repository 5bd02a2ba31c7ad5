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
        if (operation.Tips is < 0 or > ListBranches.MaxTips)
        {
            throw operation.Tips < 0
                ? new InvalidRequestException("tips", "must not be negative")
                : new OverLimitException("tips", ListBranches.MaxTips, operation.Tips, "tips");
        }

        var found = operation.Tips == 0 ? null : await session.Reads.ReadTipsAsync(session.Address, operation.Tips, cancellationToken);
        var head = found?.Head ?? await session.Reads.ReadHeadAsync(session.Address, cancellationToken)
            ?? throw new SessionNotFoundException(session.Address);
        session.NoteVersion(head.Head.Version);
        return head.Head.DeletedAt is not null
            ? throw new SessionDeletedException(session.Address)
            : [
                InfoOf(BranchNames.Main, head.LineOf(null) with { Count = head.MainCount }, found),
                .. head.Branches.Select(branch => InfoOf(branch.Key, branch.Value, found)),
            ];
    }

    private static BranchInfo InfoOf(string branch, BranchLine line, TipsRead? found)
    {
        var info = new BranchInfo(branch, PointerOf(line.Head), PointerOf(line.Current), line.Count);
        return found is null ? info
            : found.Tips.TryGetValue(branch, out var tips) ? info with { Tips = [.. tips.Newest], TipCount = tips.Count }
            : info with { Tips = [], TipCount = 0 };
    }

    private static CheckpointPointer? PointerOf(CheckpointPointer pointer) => pointer.Sequence == 0 ? null : pointer;
}
