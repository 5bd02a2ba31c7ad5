using Forge.History.Rows;
using Forge.Sessions;

namespace Forge.History.Retention;

/// <summary>
/// Decides what a policy keeps, and is the one place that does. Checkpoints come by falling sequence, so that each comes after
/// its children and all is known of it in one pass.
/// </summary>
/// <remarks>
/// What it holds grows with the ranges that go, with the branches that are open where it stands, with what is required and still to
/// come, and with what stays for its place alone, of which it holds a bounded number; and neither with what else stays nor with what goes.
/// </remarks>
/// <param name="policy">A valid policy.</param>
/// <param name="now">The time that ages are counted back from.</param>
/// <param name="heads">The sequences of the heads of all branches.</param>
/// <param name="currents">The sequences of the current checkpoints of all branches.</param>
/// <param name="mostRecent">How many it holds of those that stay for being among the newest alone.</param>
internal sealed class Surveyor(
    RetentionPolicy policy, DateTimeOffset now, IReadOnlySet<long> heads, IReadOnlySet<long> currents, int mostRecent = Surveyor.MostRecent)
{
    /// <summary>More creates than this beside one survey make it read again, if the policy keeps more of the newest than this.</summary>
    private const int MostRecent = 65_536;

    private readonly AwaitedParents _awaited = new();

    /// <summary>What those that stay require and is still to come: each comes after all that require it.</summary>
    private readonly HashSet<long> _required = [];

    private readonly List<Survivor> _placed = [];
    private readonly Queue<Survivor> _recent = [];
    private readonly List<SequenceRange> _removals = [];
    private readonly List<SequenceRange> _trunks = [];
    private readonly BranchCounts _settledOf = new();
    private CheckpointTotals _visible;
    private CheckpointTotals _settled;
    private long? _settledRank;
    private DateTimeOffset? _ageing;
    private bool _goes;
    private bool _isInTrunks;
    private bool _isNewTrunk;

    /// <summary>Adds a visible checkpoint.</summary>
    public void Add(in Surveyed row)
    {
        var own = (row.Tagged ? SurvivalReasons.Tagged : 0)
            | (policy.KeepYoungerThan is { } age && now - row.AgeFrom < age ? SurvivalReasons.Young : 0)
            | (_required.Count > 0 && _required.Remove(row.Sequence) ? SurvivalReasons.Required : 0);
        if (own == SurvivalReasons.Young && !(row.AgeFrom >= _ageing))
        {
            _ageing = row.AgeFrom;
        }

        var hadChild = _awaited.Take(row.Sequence, out var childGoes) | row.Trunk;
        var survivor = Judge(
            new Survivor(row.Sequence, row.Parent, _visible.Count, row.Size, row.StoredSize, own | (hadChild ? 0 : SurvivalReasons.Tip), row.Branch));
        _visible = _visible.With(row.Size, row.StoredSize);
        if (survivor.Reasons == 0)
        {
            Remove(row.Sequence);
        }
        else
        {
            _goes = false;
            MarkTrunk(row.Sequence, row.Trunk, childGoes);
            Keep(survivor);
            if (row.Requires is not null)
            {
                _required.UnionWith(RequiredText.Read(row.Requires));
            }
        }

        _awaited.Add(survivor.Parent, survivor.Sequence, survivor.Reasons == 0);
    }

    /// <summary>
    /// Adds all that an earlier survey by the same policy and time saw, of checkpoints older than those added so far. Since
    /// then there were creates alone, which give an older checkpoint no reason to stay but that they require it: what went then goes now.
    /// What stayed then for being required stays now, though what requires it may go: the next survey sees that.
    /// </summary>
    /// <returns>
    /// False if there were more creates than it can tell about, or one requires what went then, with all that this requires: then it has
    /// to be made anew.
    /// </returns>
    public bool TryAdd(CompactionSurvey earlier)
    {
        var added = _visible.Count;
        if (earlier.SettledRank + added >= (policy.KeepRecent ?? 0) || earlier.Takes(_required))
        {
            return false;
        }

        _goes = _isInTrunks = false;
        _visible += earlier.Visible;
        _settled += earlier.Settled;
        _settledOf.Add(earlier.SettledOf);
        _settledRank = earlier.SettledRank + added ?? _settledRank;
        _ageing = earlier.Ageing < _ageing || _ageing is null ? earlier.Ageing : _ageing;
        _removals.AddRange(earlier.Removals);
        _trunks.AddRange(earlier.Trunks);
        foreach (var placed in earlier.Placed)
        {
            var hadChild = _awaited.Take(placed.Sequence, out var childGoes) | !placed.Reasons.HasFlag(SurvivalReasons.Tip);
            var required = _required.Contains(placed.Sequence) ? SurvivalReasons.Required : 0;
            var survivor = Judge(placed with { Rank = placed.Rank + added, Reasons = required | (hadChild ? 0 : SurvivalReasons.Tip) });
            if (survivor.Reasons == 0)
            {
                _removals.Add(new SequenceRange(placed.Sequence, placed.Sequence));
            }
            else
            {
                Mark(placed.Sequence, childGoes);
                Keep(survivor);
            }

            _awaited.Add(survivor.Parent, survivor.Sequence, survivor.Reasons == 0);
        }

        // The parents that are awaited still are settled, or went with the earlier survey or before it.
        var removed = new RemovedSequences(earlier.Removals);
        foreach (var (parent, goes) in _awaited.ToCome)
        {
            Mark(parent, goes && !removed.Cover(parent));
        }

        return true;

        void Mark(long sequence, bool isTrunk)
        {
            if (isTrunk)
            {
                _trunks.Add(new SequenceRange(sequence, sequence));
            }
        }
    }

    public CompactionSurvey Finish(long lastSequence)
    {
        EndTrunks();
        return new CompactionSurvey
        {
            LastSequence = lastSequence,
            Visible = _visible,
            Settled = _settled,
            SettledOf = _settledOf,
            SettledRank = _settledRank,
            Placed = [.. _placed.Concat(_recent).OrderByDescending(survivor => survivor.Sequence)],
            Removals = Rising(_removals),
            Trunks = Rising(_trunks),
            Ageing = _ageing,
        };
    }

    private static List<SequenceRange> Rising(List<SequenceRange> ranges)
    {
        var rising = new List<SequenceRange>(ranges.Count);
        foreach (var range in ranges.OrderBy(range => range.First).ThenBy(range => range.Last))
        {
            if (rising.Count > 0 && range.First <= rising[^1].Last + 1)
            {
                rising[^1] = new SequenceRange(rising[^1].First, Math.Max(rising[^1].Last, range.Last));
            }
            else
            {
                rising.Add(range);
            }
        }

        return rising;
    }

    /// <summary>Gives a checkpoint the reasons that follow from where it stands.</summary>
    private Survivor Judge(in Survivor row) => row with
    {
        Reasons = row.Reasons
            | (row.Rank < (policy.KeepRecent ?? 0) ? SurvivalReasons.Recent : 0)
            | (heads.Contains(row.Sequence) ? SurvivalReasons.Head : 0)
            | (currents.Contains(row.Sequence) ? SurvivalReasons.Current : 0),
    };

    private void Keep(in Survivor survivor)
    {
        if ((survivor.Reasons & SurvivalReasons.Settled) != 0)
        {
            Settle(survivor);
        }
        else if (survivor.Reasons != SurvivalReasons.Recent)
        {
            _placed.Add(survivor);
        }
        else
        {
            // The oldest of them go first, for what is created later: those that are held are of the oldest.
            _recent.Enqueue(survivor);
            if (_recent.Count > mostRecent)
            {
                var newest = _recent.Dequeue();
                Settle(newest);
                _settledRank = Math.Max(_settledRank ?? 0, newest.Rank);
            }
        }
    }

    private void Settle(in Survivor survivor)
    {
        _settled = _settled.With(survivor.Size, survivor.StoredSize);
        _settledOf.Add(survivor.Branch);
    }

    /// <summary>One range for all that go between two that stay.</summary>
    private void Remove(long sequence)
    {
        if (_goes)
        {
            _removals[^1] = _removals[^1] with { First = sequence };
        }
        else
        {
            _removals.Add(new SequenceRange(sequence, sequence));
            _goes = true;
        }
    }

    /// <summary>One range for all trunks between two that are none and stay, if one of them is a new one.</summary>
    private void MarkTrunk(long sequence, bool wasTrunk, bool childGoes)
    {
        if (!wasTrunk && !childGoes)
        {
            EndTrunks();
            return;
        }

        if (_isInTrunks)
        {
            _trunks[^1] = _trunks[^1] with { First = sequence };
        }
        else
        {
            _trunks.Add(new SequenceRange(sequence, sequence));
            (_isInTrunks, _isNewTrunk) = (true, false);
        }

        _isNewTrunk |= !wasTrunk;
    }

    private void EndTrunks()
    {
        if (_isInTrunks && !_isNewTrunk)
        {
            _trunks.RemoveAt(_trunks.Count - 1);
        }

        _isInTrunks = false;
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
/// <param name="Branch">The branch that it is on; null for main.</param>
/// <param name="Requires">What it requires, as <see cref="RequiredText"/>; null for nothing.</param>
internal readonly record struct Surveyed(
    long Sequence, long Parent, int Size, int StoredSize, DateTimeOffset AgeFrom, bool Trunk, bool Tagged, string? Branch = null,
    string? Requires = null);
