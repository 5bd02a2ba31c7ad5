using Forge.Feeds;

namespace Forge.Silo.Events;

/// <summary>An event of a tenant's feed.</summary>
/// <param name="Session">Whose it is.</param>
/// <param name="Event">What happened, as the session's own log tells it.</param>
/// <param name="Cursor">The cursor to go on after it.</param>
internal sealed record FeedEventAnswer(string Session, EventAnswer Event, string Cursor)
{
    public static FeedEventAnswer Of(FeedEvent happened) => new(happened.Session.Value, EventAnswer.Of(happened.Event), happened.Cursor);
}

/// <summary>A page of a tenant's feed.</summary>
/// <param name="Items">The events.</param>
/// <param name="Next">The cursor to go on after.</param>
/// <param name="More">True if there may be more right now.</param>
internal sealed record FeedPageAnswer(IReadOnlyList<FeedEventAnswer> Items, string Next, bool More)
{
    public static FeedPageAnswer Of(FeedPage page) => new([.. page.Items.Select(FeedEventAnswer.Of)], page.Next, page.More);
}
