using Forge.History.Rows;

namespace Forge.History.Retention;

/// <summary>
/// What a retention policy keeps of the checkpoints that are visible. It is told by what goes, so that it does not grow with
/// what stays.
/// </summary>
internal sealed record CompactionSurvey
{
    /// <summary>The head row's last sequence.</summary>
    public required long LastSequence { get; init; }

    /// <summary>The checkpoints that were visible.</summary>
    public required CheckpointTotals Visible { get; init; }

    /// <summary>Those that stay, whatever is created after them.</summary>
    public required CheckpointTotals Settled { get; init; }

    /// <summary>How many of those are on each branch but main.</summary>
    public required BranchCounts SettledOf { get; init; }

    /// <summary>
    /// The greatest place, counted from the newest, of those among the settled that stay for being one of the newest alone; null
    /// for none.
    /// </summary>
    public required long? SettledRank { get; init; }

    /// <summary>Those that stay for where they stand alone, and may go for what is created after them; by falling sequence.</summary>
    public required IReadOnlyList<Survivor> Placed { get; init; }

    /// <summary>What goes, rising and apart: whatever is visible in these ranges.</summary>
    public required IReadOnlyList<SequenceRange> Removals { get; init; }

    /// <summary>
    /// Ranges in which whatever stays is a trunk afterwards. There are others that were before, and are in none.
    /// </summary>
    public required IReadOnlyList<SequenceRange> Trunks { get; init; }

    /// <summary>The time from which the oldest counts that is young and has none of the tags; null for none.</summary>
    public required DateTimeOffset? Ageing { get; init; }

    /// <summary>True if one of some checkpoints goes.</summary>
    public bool Takes(IReadOnlySet<long> sequences)
    {
        if (sequences.Count == 0 || Removals.Count == 0)
        {
            return false;
        }

        var removed = new RemovedSequences(Removals);
        return sequences.Any(removed.Cover);
    }

    /// <summary>All that stay.</summary>
    public CheckpointTotals Kept
    {
        get
        {
            var kept = Settled;
            foreach (var survivor in Placed)
            {
                kept = kept.With(survivor.Size, survivor.StoredSize);
            }

            return kept;
        }
    }

    /// <summary>How many of all that stay are on each branch but main.</summary>
    public BranchCounts KeptOf
    {
        get
        {
            var kept = new BranchCounts();
            kept.Add(SettledOf);
            foreach (var survivor in Placed)
            {
                kept.Add(survivor.Branch);
            }

            return kept;
        }
    }
}

/// <summary>How many checkpoints there are, and the sums of their sizes.</summary>
/// <param name="Count">How many.</param>
/// <param name="Bytes">The sum of their sizes as saved.</param>
/// <param name="StoredBytes">The sum of their stored sizes.</param>
internal readonly record struct CheckpointTotals(long Count, long Bytes, long StoredBytes)
{
    public static CheckpointTotals operator +(CheckpointTotals one, CheckpointTotals other) =>
        new(one.Count + other.Count, one.Bytes + other.Bytes, one.StoredBytes + other.StoredBytes);

    public static CheckpointTotals operator -(CheckpointTotals one, CheckpointTotals other) =>
        new(one.Count - other.Count, one.Bytes - other.Bytes, one.StoredBytes - other.StoredBytes);

    /// <summary>These and one more.</summary>
    public CheckpointTotals With(int size, int storedSize) => new(Count + 1, Bytes + size, StoredBytes + storedSize);
}

/// <summary>A checkpoint that stays for where it stands.</summary>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Parent">Its parent's sequence; 0 for none.</param>
/// <param name="Rank">How many visible checkpoints are newer.</param>
/// <param name="Size">Its size as saved.</param>
/// <param name="StoredSize">Its size as stored.</param>
/// <param name="Reasons">Every reason for it to stay.</param>
/// <param name="Branch">The branch that it is on; null for main.</param>
internal readonly record struct Survivor(
    long Sequence, long Parent, long Rank, int Size, int StoredSize, SurvivalReasons Reasons, string? Branch = null);

[Flags]
internal enum SurvivalReasons
{
    /// <summary>It is one of the newest that the policy keeps.</summary>
    Recent = 1,

    /// <summary>It has one of the policy's tags.</summary>
    Tagged = 2,

    /// <summary>It is younger than the policy's age.</summary>
    Young = 4,

    /// <summary>No visible checkpoint has it as parent, and none was compacted away that had.</summary>
    Tip = 8,

    /// <summary>It is the head of a branch.</summary>
    Head = 16,

    /// <summary>It is the current one of a branch.</summary>
    Current = 32,

    /// <summary>One that stays requires it.</summary>
    Required = 64,

    /// <summary>What no later create takes from it.</summary>
    Settled = Tagged | Young | Required,
}
