using Forge.Grains.Sessions;
using Forge.History.Retention;
using Forge.Sessions;

namespace Forge.Grains.Tests.Engine;

/// <summary>What a compaction takes.</summary>
internal sealed partial class ModelActivation
{
    /// <summary>Holds a plan against what a policy keeps of all that is there once what is pending is committed.</summary>
    private (HashSet<long> Going, HashSet<long> Trunks) Check(
        SessionEngine.CompactionPlan plan, Dictionary<long, int> surveyed, RetentionPolicy policy, DateTimeOffset now)
    {
        var visible = _projected.Visible.ToList();
        var reasons = visible.Select((row, i) =>
            (i >= visible.Count - (policy.KeepRecent ?? 0) ? SurvivalReasons.Recent : 0)
            | (row.Tags.Any(t => policy.KeepTags?.Contains(t) ?? false) ? SurvivalReasons.Tagged : 0)
            | (now - row.CreatedAt < policy.KeepYoungerThan ? SurvivalReasons.Young : 0)
            | (!row.Trunk && !visible.Exists(other => other.Parent == row.Sequence) ? SurvivalReasons.Tip : 0)
            | (_projected.Branches.Any(branch => row.Sequence == _projected.HeadOf(branch)) ? SurvivalReasons.Head : 0)
            | (_projected.Branches.Any(branch => row.Sequence == _projected.CurrentOf(branch)) ? SurvivalReasons.Current : 0)).ToList();
        for (var i = visible.Count - 1; i >= 0; i--)
        {
            // Whatever requires it is newer, and was judged before.
            reasons[i] |= visible.Where((other, k) => reasons[k] != 0 && other.Requires.Contains(visible[i].Sequence)).Any() ? SurvivalReasons.Required : 0;
        }

        // What stayed when the survey was read, since something required it that goes now for creates beside it, goes the next time.
        var required = visible.SelectMany(row => row.Requires).ToHashSet();
        var late = visible.Where((row, i) => reasons[i] == 0 && required.Contains(row.Sequence)
            && !plan.Removals.Any(r => row.Sequence >= r.First && row.Sequence <= r.Last)).Select(row => row.Sequence).ToHashSet();
        Saw(late.Count > 0, "plan that leaves what was required");
        Saw(reasons.Contains(SurvivalReasons.Required), "plan that keeps what is required alone");
        var gone = visible.Where((row, i) => reasons[i] == 0 && !late.Contains(row.Sequence)).ToList();
        var going = gone.Select(row => row.Sequence).ToHashSet();
        Assert.Equal((going.Count, visible.Count - going.Count), (plan.Result.Deleted, plan.Result.Remaining));
        Assert.Equal(gone.Sum(row => (long)row.Size), plan.RemovedBytes);

        // A survey may know what became of a state when it was stored before the engine does, and not what was written anew since.
        Assert.Equal(
            gone.Sum(row => (long)surveyed.GetValueOrDefault(row.Sequence, row.StoredSize)),
            plan.Result.FreedBytes);
        Assert.Equal(
            gone.Select(row => row.Sequence),
            visible.Select(row => row.Sequence).Where(s => plan.Removals.Any(r => s >= r.First && s <= r.Last)));
        Assert.All(plan.Removals, r => Assert.True(r.First <= r.Last && r.Last <= _projected.LastSequence));
        var trunks = gone.Select(row => row.Parent).Where(p => _projected.IsVisible(p) && !going.Contains(p)).ToHashSet();
        var marked = visible.Where(row => !going.Contains(row.Sequence) && plan.Trunks.Any(r => row.Sequence >= r.First && row.Sequence <= r.Last));
        Assert.Equal(
            visible.Where(row => !row.Trunk && trunks.Contains(row.Sequence)).Select(row => row.Sequence),
            marked.Where(row => !row.Trunk).Select(row => row.Sequence));
        if (required.Count == 0)
        {
            // What was required when the survey was read counts for neither.
            Assert.Equal(
                visible.Where((_, i) => (reasons[i] & SurvivalReasons.Settled) == SurvivalReasons.Young).Min(row => (DateTimeOffset?)row.CreatedAt),
                plan.Ageing);
            Assert.Equal(reasons.Exists(reason => reason != 0 && (reason & SurvivalReasons.Settled) == 0), plan.HasPlaced);
        }

        Assert.Equal(_projected.LastSequence, plan.LastSequence);
        return (going, trunks);
    }
}
