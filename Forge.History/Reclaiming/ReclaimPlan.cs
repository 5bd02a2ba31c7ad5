using Forge.History.Rows;

namespace Forge.History.Reclaiming;

/// <summary>
/// What a step does to the rows of some groups: rows that nobody sees go if no visible row is decoded on them, and are
/// hidden if one is.
/// </summary>
/// <remarks>
/// A row that nobody sees and that no visible row stands on stays so: a create stands on its parent, which is visible when
/// the create is committed, by the fence of the head; and no row that is stored is given another base. So a plan that was
/// made on one instant of the database holds for good, beside commits and beside other steps.
/// </remarks>
/// <param name="Going">Rows to remove.</param>
/// <param name="Hiding">Rows to mark as removed, which stay.</param>
/// <param name="Copies">Groups whose survivors might better be full copies.</param>
/// <param name="IsWhole">False if rows were left for another step.</param>
internal sealed record ReclaimPlan(
    IReadOnlyList<StoredCheckpoint> Going,
    IReadOnlyList<StoredCheckpoint> Hiding,
    IReadOnlyList<SurvivorCopies> Copies,
    bool IsWhole)
{
    /// <summary>Survivors are copied out if they are at most one in so many of their group.</summary>
    private const int MembersPerSurvivor = 8;

    /// <summary>About what a row takes beside its state.</summary>
    private const int RowBytes = 300;

    /// <summary>The states that one step copies, in bytes, but for one group.</summary>
    private const long CopiedBytes = 2 * 1024 * 1024;

    /// <param name="members">All rows of some groups.</param>
    /// <param name="head">The session's head.</param>
    /// <param name="current">The session's current checkpoint.</param>
    /// <param name="limit">How many rows may go.</param>
    public static ReclaimPlan Make(IReadOnlyCollection<GroupMember> members, long head, long current, int limit)
    {
        var (going, hiding, copies) = (new List<StoredCheckpoint>(), new List<StoredCheckpoint>(), new List<SurvivorCopies>());
        var (bytes, copied) = (0L, 0L);
        foreach (var group in members.GroupBy(m => m.Label).OrderBy(g => g.Key))
        {
            if (going.Count >= limit || bytes >= WorkStep.StoredBytes || copied >= CopiedBytes)
            {
                return new ReclaimPlan(going, hiding, copies, IsWhole: false);
            }

            var rows = group.OrderByDescending(m => m.Row.Sequence).ToList();
            var needed = NeededIn(rows);
            hiding.AddRange(rows.Where(m => !m.IsVisible && !m.IsHidden && needed.Contains(m.Row.Sequence)).Select(m => m.Row));
            if (!rows.Exists(m => m.Row.Sequence == head || m.Row.Sequence == current)
                && CopiesOf(rows, needed) is { } survivors)
            {
                copies.Add(survivors);
                copied += survivors.Size;
            }

            // The newest first, so that what is left can be decoded after each step. A step does not end before rows that are
            // hidden already and nothing else: only others bring a step back to the group.
            var dead = rows.FindAll(m => !m.IsVisible && !needed.Contains(m.Row.Sequence));
            var last = dead.FindLastIndex(m => !m.IsHidden);
            for (var i = 0; i < dead.Count; i++)
            {
                if (i <= last && (going.Count >= limit || bytes >= WorkStep.StoredBytes))
                {
                    return new ReclaimPlan(going, hiding, copies, IsWhole: false);
                }

                going.Add(dead[i].Row);
                bytes += dead[i].Row.StoredSize;
            }
        }

        return new ReclaimPlan(going, hiding, copies, going.Count < limit && bytes < WorkStep.StoredBytes);
    }

    /// <summary>The rows that visible ones are decoded on. Bases come before what stands on them.</summary>
    private static HashSet<long> NeededIn(List<GroupMember> newestFirst)
    {
        var needed = new HashSet<long>();
        foreach (var (row, isVisible, _) in newestFirst)
        {
            if (row.Base is { } known && (isVisible || needed.Contains(row.Sequence)))
            {
                needed.Add(known);
            }
        }

        return needed;
    }

    private static SurvivorCopies? CopiesOf(List<GroupMember> rows, HashSet<long> needed)
    {
        var visible = rows.FindAll(m => m.IsVisible);
        var survivors = visible.FindAll(m => m.Row.Base is not null).ConvertAll(m => m.Row);
        var size = survivors.Sum(row => (long)row.Size);
        if (survivors.Count == 0 || visible.Count * MembersPerSurvivor > rows.Count
            || (size > WorkStep.StoredBytes && survivors.Count > 1))
        {
            return null;
        }

        // What goes once the survivors stand alone: the hidden rows below them, and their own differences.
        var freed = rows.Where(m => !m.IsVisible && needed.Contains(m.Row.Sequence)).Sum(m => m.Row.StoredSize + (long)RowBytes)
            + survivors.Sum(row => (long)row.StoredSize);
        return new SurvivorCopies(rows[0].Label, [.. survivors.Select(row => row.Sequence)], size, freed);
    }
}
