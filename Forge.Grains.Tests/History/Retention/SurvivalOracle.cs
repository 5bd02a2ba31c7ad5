using Forge.History.Retention;
using Forge.Sessions;

namespace Forge.Grains.Tests.History.Retention;

/// <summary>What a policy keeps, each reason found by looking at all checkpoints: slow, and plainly what is promised.</summary>
internal static class SurvivalOracle
{
    /// <param name="visible">The visible checkpoints by rising sequence.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="now">The time that ages are counted back from.</param>
    /// <param name="head">The head.</param>
    /// <param name="current">The current one.</param>
    public static List<Survivor> Of(
        IReadOnlyList<Surveyed> visible, RetentionPolicy policy, DateTimeOffset now, long head, long current)
    {
        var reasons = visible.ToDictionary(row => row.Sequence, row =>
            If(visible.Count(other => other.Sequence > row.Sequence) < (policy.KeepRecent ?? 0), SurvivalReasons.Recent)
            | If(row.Tagged, SurvivalReasons.Tagged)
            | If(policy.KeepYoungerThan is { } age && now - row.AgeFrom < age, SurvivalReasons.Young)
            | If(!row.Trunk && visible.All(other => other.Parent != row.Sequence), SurvivalReasons.Tip)
            | If(row.Sequence == head, SurvivalReasons.Head)
            | If(row.Sequence == current, SurvivalReasons.Current));
        return
        [
            .. visible.Where(row => reasons[row.Sequence] != 0).Reverse().Select(row => new Survivor(
                row.Sequence, row.Parent, row.Size, row.StoredSize, reasons[row.Sequence],
                visible.Any(child => child.Parent == row.Sequence && reasons[child.Sequence] == 0))),
        ];
    }

    private static SurvivalReasons If(bool holds, SurvivalReasons reason) => holds ? reason : 0;
}
