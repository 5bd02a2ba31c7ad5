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

    /// <summary>
    /// The most callers that wait for news in one silo; 4,000 by default, 1 to 1,000,000. Whoever is more does not wait: it is answered at once,
    /// and what follows a feed asks again after a second. The default is above all streams and subscriptions that a silo serves by default.
    /// </summary>
    public int Waiters { get; set; } = 4000;
}
