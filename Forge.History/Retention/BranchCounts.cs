namespace Forge.History.Retention;

/// <summary>How many checkpoints there are on each branch but main.</summary>
internal sealed class BranchCounts
{
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>How many are on a branch.</summary>
    public long Of(string branch) => _counts.GetValueOrDefault(branch);

    /// <summary>Counts one.</summary>
    /// <param name="branch">Its branch; null for main, which is not counted.</param>
    public void Add(string? branch)
    {
        if (branch is not null)
        {
            Add(branch, 1);
        }
    }

    /// <summary>Adds the counts of others.</summary>
    public void Add(BranchCounts others)
    {
        foreach (var (branch, count) in others._counts)
        {
            Add(branch, count);
        }
    }

    private void Add(string branch, long count) => _counts[branch] = Of(branch) + count;
}
