using Forge.Sessions;

namespace Forge.History.Retention;

/// <summary>
/// Decides what a policy keeps, and is the one place that does. Checkpoints come by falling sequence, so that each comes after
/// its children and all is known of it in one pass.
/// </summary>
/// <remarks>What it holds grows with what stays and with the branches that are open where it stands, and not with what goes.</remarks>
/// <param name="policy">A valid policy.</param>
/// <param name="now">The time that ages are counted back from.</param>
/// <param name="head">The sequence of the head; 0 for none.</param>
/// <param name="current">The sequence of the current checkpoint; 0 for none.</param>
internal sealed class Surveyor(RetentionPolicy policy, DateTimeOffset now, long head, long current)
{
    private const int LeastSweep = 1024;

    /// <summary>The parents that are still to come, each with whether one of its children goes.</summary>
    private readonly Dictionary<long, bool> _awaited = [];

    private readonly List<Survivor> _survivors = [];
    private int _sweepAt = LeastSweep;
    private long _recentLeft = policy.KeepRecent ?? 0;
    private long _count;
    private long _bytes;
    private long _storedBytes;

    /// <summary>Adds a visible checkpoint.</summary>
    public void Add(in Surveyed row)
    {
        _count++;
        _bytes += row.Size;
        _storedBytes += row.StoredSize;
        var own = (row.Tagged ? SurvivalReasons.Tagged : 0)
            | (policy.KeepYoungerThan is { } age && now - row.AgeFrom < age ? SurvivalReasons.Young : 0);
        Judge(new Survivor(row.Sequence, row.Parent, row.Size, row.StoredSize, own, IsTrunk: false), hadChild: row.Trunk);
    }

    /// <summary>
    /// Adds all that an earlier survey by the same policy and time saw, of checkpoints older than those added so far. Since
    /// then there were creates alone, which give no older checkpoint a reason to stay: what went then goes now.
    /// </summary>
    public void Add(CompactionSurvey earlier)
    {
        _count += earlier.Count;
        _bytes += earlier.Bytes;
        _storedBytes += earlier.StoredBytes;
        foreach (var row in earlier.Survivors)
        {
            Judge(
                row with { Reasons = row.Reasons & (SurvivalReasons.Tagged | SurvivalReasons.Young) },
                hadChild: !row.Reasons.HasFlag(SurvivalReasons.Tip));
        }
    }

    public CompactionSurvey Finish(long lastSequence) => new(lastSequence, _count, _storedBytes, _bytes, _survivors);

    /// <param name="row">A checkpoint, with the reasons that it has whatever else there is.</param>
    /// <param name="hadChild">True if it has or had a child, be it one that is not added.</param>
    private void Judge(in Survivor row, bool hadChild)
    {
        hadChild |= _awaited.Remove(row.Sequence, out var childGoes);
        var reasons = row.Reasons
            | (_recentLeft-- > 0 ? SurvivalReasons.Recent : 0)
            | (hadChild ? 0 : SurvivalReasons.Tip)
            | (row.Sequence == head ? SurvivalReasons.Head : 0)
            | (row.Sequence == current ? SurvivalReasons.Current : 0);
        if (reasons != 0)
        {
            _survivors.Add(row with { Reasons = reasons, IsTrunk = row.IsTrunk | childGoes });
        }

        if (row.Parent != 0)
        {
            Await(row, goes: reasons == 0);
        }
    }

    private void Await(in Survivor row, bool goes)
    {
        _awaited[row.Parent] = goes | (_awaited.TryGetValue(row.Parent, out var other) && other);
        if (_awaited.Count < _sweepAt)
        {
            return;
        }

        // Parents that were passed are not visible, and would gather if many went before.
        foreach (var parent in _awaited.Keys)
        {
            if (parent >= row.Sequence)
            {
                _awaited.Remove(parent);
            }
        }

        _sweepAt = Math.Max(LeastSweep, 2 * _awaited.Count);
    }
}

/// <summary>What a survey has to know of a checkpoint.</summary>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Parent">Its parent's sequence; 0 for none.</param>
/// <param name="Size">Its size as saved.</param>
/// <param name="StoredSize">Its size as stored.</param>
/// <param name="AgeFrom">When it was created, or imported.</param>
/// <param name="Trunk">True if a child of it was compacted away.</param>
/// <param name="Tagged">True if it has one of the policy's tags.</param>
internal readonly record struct Surveyed(
    long Sequence, long Parent, int Size, int StoredSize, DateTimeOffset AgeFrom, bool Trunk, bool Tagged);
