namespace Forge.Grains.Feeds;

/// <summary>How feeds of tenants are kept and followed, section <c>Forge:Feed</c>.</summary>
public sealed class FeedOptions
{
    /// <summary>For how long a feed is kept, and with it its cursors; 30 days by default, 1 minute to 3,650 days.</summary>
    public TimeSpan Keep { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How often a silo on PostgreSQL asks for news of a tenant, while anybody waits for them; 250 ms by default, 10 ms to one minute. It is one
    /// small read, however many wait. On SQLite commits tell of themselves.
    /// </summary>
    public TimeSpan Poll { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The most callers that wait for news in one silo; 1,000 by default, 1 to 1,000,000. What is more is refused as busy.</summary>
    public int Waiters { get; set; } = 1000;
}
