using Forge.Feeds;
using Forge.Identity;
using Forge.Silo.Http;

namespace Forge.Silo.Rpc;

/// <summary>Where the events of sessions come from, for those who subscribe to them.</summary>
internal interface IEventSource
{
    /// <summary>
    /// The events of a session, each once and in the order of their positions: those behind a position, and then each as it happens, until
    /// it is given up or the session has no more.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="after">The position, from 0; null to begin with the oldest that is kept.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Errors.ForgeException">They cannot be read, or not from there on.</exception>
    IAsyncEnumerable<RawJson> ReadAsync(SessionAddress session, long? after, CancellationToken cancellationToken);

    /// <summary>The events of all sessions of a tenant, as a query says: those behind its cursor, and then each as it happens.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="query">What is wanted, and from where on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Events, and cursors alone where events were passed over that are not wanted.</returns>
    /// <exception cref="Errors.ForgeException">They cannot be read, or not from there on.</exception>
    IAsyncEnumerable<FeedNews> ReadFeedAsync(TenantId tenant, FeedQuery query, CancellationToken cancellationToken);

    /// <summary>The states of a session that come due by its schedule, each once, until it is given up.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Errors.ForgeException">The session has as many observers as it may have, or does not answer.</exception>
    IAsyncEnumerable<RawJson> ReadDueAsync(SessionAddress session, CancellationToken cancellationToken);
}

/// <summary>What a feed tells.</summary>
/// <param name="Event">An event with its session and cursor; null if there is only a cursor.</param>
/// <param name="Cursor">The cursor to go on after.</param>
internal readonly record struct FeedNews(RawJson? Event, string Cursor);
