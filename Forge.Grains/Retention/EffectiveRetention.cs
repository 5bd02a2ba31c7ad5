using Forge.Sessions;
using Forge.Tenants;

namespace Forge.Grains.Retention;

/// <summary>
/// What holds for one session: of each setting its own, else its tenant's, else the silo's.
/// </summary>
/// <param name="Policy">What compaction keeps; null to keep everything.</param>
/// <param name="TimeToLive">How long after its newest create or import it is deleted; null for never.</param>
internal sealed record EffectiveRetention(RetentionPolicy? Policy, TimeSpan? TimeToLive)
{
    /// <summary>
    /// The longest time to the next look at a session of which something may go, within which a default that was made stricter
    /// reaches it.
    /// </summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>True if there is nothing to do for the session, ever.</summary>
    public bool IsNothing => Policy is null && TimeToLive is null;

    public static EffectiveRetention Of(SessionSettings session, TenantSettings tenant, RetentionOptions silo) => new(
        session.Retention ?? tenant.Retention ?? silo.Policy,
        session.TimeToLive ?? tenant.TimeToLive ?? silo.TimeToLive);

    /// <summary>True if the policy may remove something of so many checkpoints: not if all are among the newest, or it is the head alone.</summary>
    public bool MayRemove(long count) => Policy is { } policy && count > Math.Max(policy.KeepRecent ?? 0, 1);

    /// <summary>True if it says the same as another, which was read at another time.</summary>
    public bool IsSame(EffectiveRetention other) =>
        TimeToLive == other.TimeToLive
        && Policy?.KeepRecent == other.Policy?.KeepRecent
        && Policy?.KeepYoungerThan == other.Policy?.KeepYoungerThan
        && (Policy is null) == (other.Policy is null)
        && (Policy?.KeepTags ?? []).SequenceEqual(other.Policy?.KeepTags ?? [], StringComparer.Ordinal);

    /// <summary>When the session's time is over; null for never.</summary>
    /// <param name="createdAt">When the session was created.</param>
    /// <param name="lastCreatedAt">When its newest checkpoint was; null if it never had one.</param>
    /// <param name="importedAt">When something was last imported into it; null for never.</param>
    public DateTimeOffset? ExpiresAt(DateTimeOffset createdAt, DateTimeOffset? lastCreatedAt, DateTimeOffset? importedAt)
    {
        var from = lastCreatedAt ?? createdAt;
        return (importedAt > from ? importedAt : from) + TimeToLive;
    }
}
