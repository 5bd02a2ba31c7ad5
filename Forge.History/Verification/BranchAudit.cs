using Forge.History.Chain;
using Forge.History.Rows;
using Forge.Identity;
using Forge.Integrity;

namespace Forge.History.Verification;

/// <summary>Holds where the branches of a session are said to stand against the checkpoints that are visible, which come by rising sequence.</summary>
/// <param name="address">The session.</param>
/// <param name="branches">The branches but main.</param>
/// <param name="position">The session's last position, where damage is told.</param>
/// <param name="report">Where it is told.</param>
internal sealed class BranchAudit(SessionAddress address, IReadOnlyList<SessionBranch> branches, long position, DamageReport report)
{
    private readonly Dictionary<string, (long Head, long Count)> _met = new(StringComparer.Ordinal);
    private readonly HashSet<long> _awaited = [.. branches.Select(b => b.Current).Where(current => current != 0)];

    /// <summary>Takes a visible checkpoint.</summary>
    public void Meet(StoredCheckpoint row)
    {
        _awaited.Remove(row.Sequence);
        if (row.Branch is { } branch)
        {
            _met[branch] = (row.Sequence, _met.GetValueOrDefault(branch).Count + 1);
        }
    }

    /// <summary>Tells what does not fit.</summary>
    /// <param name="readAll">True if each visible checkpoint could be read, so that heads and counts can be told.</param>
    public void End(bool readAll)
    {
        foreach (var branch in branches)
        {
            if (branch.Seal != RowSeal.OfBranch(address, branch.Branch, branch.Head, branch.Current, branch.Count))
            {
                Wrong(branch.Branch, "its row is not what was written");
            }

            if (readAll && _awaited.Contains(branch.Current))
            {
                Wrong(branch.Branch, $"its current checkpoint {branch.Current} is not there");
            }

            _met.Remove(branch.Branch, out var comes);
            if (readAll && comes != (branch.Head, branch.Count))
            {
                Wrong(branch.Branch, $"its row has {branch.Count} checkpoints up to {branch.Head}, and there are {comes.Count} up to {comes.Head}");
            }
        }

        foreach (var (branch, comes) in _met)
        {
            Wrong(branch, $"its row is gone, and there are {comes.Count} checkpoints up to {comes.Head}");
        }
    }

    private void Wrong(string branch, string problem) => report.Add(DamageKind.Branch, position, 0, $"branch {branch}: {problem}");
}
