using Forge.Grains.Retention;
using Forge.Grains.Sessions;
using Forge.Sessions;

namespace Forge.Grains.Compaction;

/// <summary>
/// When a policy that was just applied may remove something again. What stays in a session has to be gone through for it, so of a
/// session that keeps many it waits until a share of them may go: then what is read is a fixed multiple of what goes.
/// </summary>
/// <param name="At">When something is too old; the end of time if nothing will be.</param>
/// <param name="Sequence">The sequence with which a create may let something go at once.</param>
internal readonly record struct NextRemoval(DateTimeOffset At, long Sequence)
{
    /// <summary>What stays in a session that is gone through whenever one checkpoint may go.</summary>
    public const long Few = 10_000;

    /// <summary>Of a session that keeps more, one part in so many has to go.</summary>
    public const int Share = 16;

    /// <param name="policy">The policy.</param>
    /// <param name="plan">What it did.</param>
    /// <param name="now">When.</param>
    public static NextRemoval After(RetentionPolicy policy, SessionEngine.CompactionPlan plan, DateTimeOffset now)
    {
        var (kept, at) = (plan.Result.Remaining, DateTimeOffset.MaxValue);
        if (policy.KeepYoungerThan is { } age)
        {
            // If nothing that is there stays for its age, what is created from here on will, and is no older than now.
            var share = age / Share;
            at = (plan.Ageing ?? now) + age + (kept <= Few ? TimeSpan.Zero : share < EffectiveRetention.LongestWait ? share : EffectiveRetention.LongestWait);
        }

        // A create is young itself, and takes nothing from what stays for its age or its tags: only what stays for its place.
        var lets = policy.KeepYoungerThan is null || plan.HasPlaced;
        return new(at, !lets ? long.MaxValue : plan.LastSequence + (kept <= Few ? 1 : kept / Share));
    }
}
