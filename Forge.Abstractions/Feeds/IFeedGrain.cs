using Forge.Errors;

namespace Forge.Feeds;

/// <summary>The feed of one tenant: the events of all its sessions. The key is <c>t/{tenant}</c>.</summary>
/// <remarks>
/// Events of one session come by rising position, each once, without holes but for what its log does not keep any more; a session that was
/// deleted has none. Across sessions they come in an order that never changes, so that nothing is added before a cursor. A cursor can be
/// kept for as long as the feed is (30 days by default).
/// </remarks>
[Alias("forge.feed")]
public interface IFeedGrain : IGrainWithStringKey
{
    /// <summary>A page of the feed. If there is nothing to tell, it waits as long as the query says.</summary>
    /// <exception cref="InvalidRequestException">The cursor, the prefix, a label, a kind, the limit or the wait is bad.</exception>
    /// <exception cref="OverLimitException">The limit is above the silo's, or a label is longer or there are more of them than can be.</exception>
    /// <exception cref="FeedExpiredException">Events after the cursor are not kept any more.</exception>
    /// <exception cref="FeedLostException">The cursor is not of the database as it is now.</exception>
    [Alias("read")]
    Task<FeedPage> ReadAsync(FeedQuery query, CancellationToken cancellationToken = default);
}
