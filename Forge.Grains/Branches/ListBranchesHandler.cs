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

        if (operation.Tips > 0 && await ReadTipsAsync(session, operation.Tips, cancellationToken) is { } found)
        {
            return InfosOf(session, found.Head, found);
        }

        var read = await session.Reads.ReadHeadAsync(session.Address, cancellationToken);
        session.NoteVersion(read?.Head.Version ?? 0);
        return read is not { } head ? throw new SessionNotFoundException(session.Address)
            : head.Head.DeletedAt is not null ? throw new SessionDeletedException(session.Address)
            : operation.Tips > 0 ? throw ChangeRunner.KeepsChanging()
            : InfosOf(session, head, found: null);
    }

    /// <summary>Reads the tips, once more if the session came to be meanwhile; null if there is none that lives.</summary>
    private static async Task<TipsRead?> ReadTipsAsync(LiveSession session, int tips, CancellationToken cancellationToken)
    {
        // It holds a snapshot for as long as an export of a session without states would.
        using var slot = session.Services.Slots.EnterExport();
        return await session.Reads.ReadTipsAsync(session.Address, tips, cancellationToken)
            ?? (await session.Reads.ReadHeadAsync(session.Address, cancellationToken) is { Head.DeletedAt: null }
                ? await session.Reads.ReadTipsAsync(session.Address, tips, cancellationToken)
                : null);
    }

    private static BranchInfo[] InfosOf(LiveSession session, HeadRead head, TipsRead? found)
    {
        session.NoteVersion(head.Head.Version);
        return
        [
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
