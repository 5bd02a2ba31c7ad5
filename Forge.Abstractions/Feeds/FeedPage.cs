using Forge.Events;
using Forge.Identity;

namespace Forge.Feeds;

/// <summary>
/// A page of a tenant's feed, of one instant. It ends before its limit with about 1 MiB, or when many events were looked at for conditions
/// that few of them meet; so it may be empty, and there may be more.
/// </summary>
/// <param name="Items">The events.</param>
/// <param name="Next">The cursor to go on after, also of an empty page: what was looked at in vain is not looked at again.</param>
/// <param name="More">True if there may be more right now.</param>
[GenerateSerializer, Immutable, Alias("forge.feed-page")]
public sealed record FeedPage(
    [property: Id(0)] IReadOnlyList<FeedEvent> Items, [property: Id(1)] string Next, [property: Id(2)] bool More);

/// <summary>An event of a tenant's feed.</summary>
/// <param name="Session">Whose it is.</param>
/// <param name="Event">What happened, as the session's own log tells it.</param>
/// <param name="Cursor">The cursor to go on after it.</param>
[GenerateSerializer, Immutable, Alias("forge.feed-event")]
public sealed record FeedEvent(
    [property: Id(0)] SessionId Session, [property: Id(1)] LogEvent Event, [property: Id(2)] string Cursor);
