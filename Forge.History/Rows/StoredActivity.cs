namespace Forge.History.Rows;

/// <summary>When a session was active, as far as it was noted.</summary>
/// <param name="SessionKey">The session.</param>
/// <param name="Tenant">Its tenant.</param>
/// <param name="At">When its newest checkpoint was created, or it was itself if that is later, as of when that was noted.</param>
internal readonly record struct StoredActivity(long SessionKey, string Tenant, DateTimeOffset At)
{
    /// <summary>The time of a head row <c>s</c> that is told of it. It never falls: checkpoints may be imported that are older than the session.</summary>
    public const string OfHead = "CASE WHEN s.last_created_at > s.created_at THEN s.last_created_at ELSE s.created_at END";
}
