using Forge.History.Rows;

namespace Forge.History.Reclaiming;

/// <summary>A row of a group, as a reclaim sees it.</summary>
/// <param name="Row">The row, without its state.</param>
/// <param name="IsVisible">True if the session shows it.</param>
/// <param name="IsHidden">True if it is marked as kept for others alone.</param>
internal readonly record struct GroupMember(StoredCheckpoint Row, bool IsVisible, bool IsHidden)
{
    /// <summary>What names the row's group: the sequence of the full copy that it grew from.</summary>
    public long Label => Row.Group ?? Row.Sequence;
}
