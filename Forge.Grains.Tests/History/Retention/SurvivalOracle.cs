using Forge.History.Retention;
using Forge.History.Rows;
using Forge.Sessions;

namespace Forge.Grains.Tests.History.Retention;

/// <summary>What a policy keeps, each reason found by looking at all checkpoints: slow, and plainly what is promised.</summary>
internal static class SurvivalOracle
{
    /// <summary>Holds a survey against what is promised.</summary>
    /// <param name="survey">The survey.</param>
    /// <param name="visible">The visible checkpoints by rising sequence.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="now">The time that ages are counted back from.</param>
    /// <param name="head">The head.</param>
    /// <param name="current">The current one.</param>
    public static void AssertAgrees(
        CompactionSurvey survey, IReadOnlyList<Surveyed> visible, RetentionPolicy policy, DateTimeOffset now, long head, long current)
    {
        var reasons = visible.ToDictionary(row => row.Sequence, row =>
            If(visible.Count(other => other.Sequence > row.Sequence) < (policy.KeepRecent ?? 0), SurvivalReasons.Recent)
            | If(row.Tagged, SurvivalReasons.Tagged)
            | If(policy.KeepYoungerThan is { } age && now - row.AgeFrom < age, SurvivalReasons.Young)
            | If(!row.Trunk && visible.All(other => other.Parent != row.Sequence), SurvivalReasons.Tip)
            | If(row.Sequence == head, SurvivalReasons.Head)
            | If(row.Sequence == current, SurvivalReasons.Current));
        var kept = visible.Where(row => reasons[row.Sequence] != 0).ToList();
        Assert.Equal(kept.Select(row => row.Sequence), Kept(survey, visible));
        Assert.Equal(Totals(visible), survey.Visible);
        Assert.Equal(Totals(kept), survey.Kept);
        Assert.All(survey.Removals, range => Assert.True(reasons[range.First] == 0 && reasons[range.Last] == 0, $"{range} is wider than what goes"));
        Assert.Equal(survey.Removals.Zip(survey.Removals.Skip(1)), survey.Removals.Zip(survey.Removals.Skip(1)).Where(two => two.First.Last < two.Second.First));

        var placed = kept.Where(row => (reasons[row.Sequence] & SurvivalReasons.Settled) == 0).Reverse()
            .Select(row => new Survivor(
                row.Sequence, row.Parent, visible.Count(other => other.Sequence > row.Sequence), row.Size, row.StoredSize, reasons[row.Sequence]))
            .ToList();
        Assert.Equal(placed.Where(survey.Placed.Contains), survey.Placed);
        Assert.All(placed.Except(survey.Placed), row => Assert.True(row.Reasons == SurvivalReasons.Recent && row.Rank <= survey.SettledRank));
        Assert.Equal(
            visible.Where(row => (reasons[row.Sequence] & SurvivalReasons.Settled) == SurvivalReasons.Young).Min(row => (DateTimeOffset?)row.AgeFrom),
            survey.Ageing);

        var becoming = kept.Where(row => visible.Any(child => child.Parent == row.Sequence && reasons[child.Sequence] == 0)).ToList();
        var marked = kept.Where(row => survey.Trunks.Any(range => row.Sequence >= range.First && row.Sequence <= range.Last)).ToList();
        Assert.All(becoming, row => Assert.True(row.Trunk || marked.Contains(row), $"{row.Sequence} is not marked"));
        Assert.All(marked, row => Assert.True(row.Trunk || becoming.Contains(row), $"{row.Sequence} is marked"));
    }

    /// <summary>Those of the visible checkpoints that a survey keeps.</summary>
    public static IEnumerable<long> Kept(CompactionSurvey survey, IEnumerable<Surveyed> visible)
    {
        var removed = new RemovedSequences(survey.Removals);
        return visible.Select(row => row.Sequence).Where(sequence => !removed.Cover(sequence));
    }

    private static CheckpointTotals Totals(IReadOnlyCollection<Surveyed> rows) =>
        new(rows.Count, rows.Sum(row => (long)row.Size), rows.Sum(row => (long)row.StoredSize));

    private static SurvivalReasons If(bool holds, SurvivalReasons reason) => holds ? reason : 0;
}
