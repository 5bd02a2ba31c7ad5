using Forge.Sessions;

namespace Forge.History.Retention;

/// <summary>Finds out what a policy keeps, for stores that read a session's rows to do so.</summary>
internal sealed class Surveyor(RetentionPolicy policy, DateTimeOffset now, long head, long current)
{
    private readonly List<Surveyed> _rows = [];
    private readonly HashSet<long> _parents = [];

    /// <summary>Adds a visible checkpoint; they come by rising sequence.</summary>
    public void Add(Surveyed row)
    {
        _rows.Add(row);
        _parents.Add(row.Parent);
    }

    public CompactionSurvey Finish(long lastSequence)
    {
        var survivors = new List<Survivor>();
        var recentFrom = _rows.Count - (policy.KeepRecent ?? 0);
        var (bytes, storedBytes) = (0L, 0L);
        for (var i = 0; i < _rows.Count; i++)
        {
            var row = _rows[i];
            bytes += row.Size;
            storedBytes += row.StoredSize;
            var reasons = Reasons(row) | (i >= recentFrom ? SurvivalReasons.Recent : 0);
            if (reasons != 0)
            {
                survivors.Add(new Survivor(row.Sequence, row.Parent, row.Size, row.StoredSize, reasons));
            }
        }

        var stay = survivors.Select(survivor => survivor.Sequence).ToHashSet();
        var trunks = _rows.Where(row => !stay.Contains(row.Sequence) && stay.Contains(row.Parent)).Select(row => row.Parent);
        return new CompactionSurvey(lastSequence, _rows.Count, storedBytes, bytes, survivors, [.. trunks.Distinct()]);
    }

    private SurvivalReasons Reasons(Surveyed row) =>
        (row.Tagged ? SurvivalReasons.Tagged : 0) |
        (policy.KeepYoungerThan is { } age && now - row.CreatedAt < age ? SurvivalReasons.Young : 0) |
        (!row.Trunk && !_parents.Contains(row.Sequence) ? SurvivalReasons.Tip : 0) |
        (row.Sequence == head ? SurvivalReasons.Head : 0) |
        (row.Sequence == current ? SurvivalReasons.Current : 0);
}

/// <summary>What a survey has to know of a checkpoint.</summary>
internal readonly record struct Surveyed(
    long Sequence, long Parent, int Size, int StoredSize, DateTimeOffset CreatedAt, bool Trunk, bool Tagged);
