using Forge.Events;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Stores;

/// <summary>
/// The feeds of tenants: what their sessions' logs were given, in the order of the transactions that gave it. A row names the positions that
/// one batch gave to sessions of one tenant; what stands there is read from the logs.
/// </summary>
internal interface IFeed
{
    /// <summary>
    /// Reads what follows a place, all of one instant: of one session by rising position, each event once; across sessions in an order in
    /// which nothing is ever added before what was read. Looks at a bounded number of rows and events, so that a page may be empty and
    /// there may be more.
    /// </summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="filter">What is wanted.</param>
    /// <param name="after">The place; null to begin with the oldest row that is kept.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="Errors.FeedExpiredException">Rows after the place were removed because of their age.</exception>
    /// <exception cref="Errors.FeedLostException">The place is not of this database as it is now.</exception>
    Task<FeedRead> ReadAsync(TenantId tenant, FeedFilter filter, FeedPlace? after, CancellationToken cancellationToken);

    /// <summary>The place behind all that can be read now.</summary>
    Task<FeedPlace> NewestAsync(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>
    /// Hears of commits for a tenant in this process; null if others commit too, and the database has to be asked again and again.
    /// </summary>
    IFeedSignal? Listen(TenantId tenant);

    /// <summary>Removes rows of one tenant that are old, the oldest first, in one transaction, and marks how far they are gone.</summary>
    /// <param name="after">The tenant of the step before; null to begin with the first.</param>
    /// <param name="before">Rows that were written earlier go.</param>
    /// <param name="limit">The most rows.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    /// <returns>The tenant and how many rows of it went; null if there is no further tenant.</returns>
    Task<TrimmedFeed?> TrimAsync(string? after, DateTimeOffset before, int limit, CancellationToken cancellationToken);
}

/// <summary>Tells of commits for a tenant; disposed of when nobody waits for them.</summary>
internal interface IFeedSignal : IDisposable
{
    /// <summary>Completes with the next commit after this was asked for.</summary>
    Task Next { get; }
}

/// <summary>What of a feed is wanted. All conditions hold together.</summary>
internal sealed record FeedFilter
{
    /// <summary>What the names of sessions begin with; printable ASCII, empty for all.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Labels that the sessions have as they are now, each name once.</summary>
    public IReadOnlyList<StoredLabel> Labels { get; init; } = [];

    /// <summary>The kinds of events; empty for all.</summary>
    public IReadOnlySet<LogEventKind> Kinds { get; init; } = new HashSet<LogEventKind>();

    /// <summary>The most events.</summary>
    public required int Limit { get; init; }

    /// <summary>The texts of a page come to about so many bytes at the most, though it has at least one event.</summary>
    public required int Bytes { get; init; }

    /// <summary>How many rows are looked at, at the most; fewer if all sessions are wanted and fewer are enough.</summary>
    public int Rows { get; init; } = 500;

    /// <summary>Above every name with the prefix: ids end at <c>~</c>.</summary>
    public string End => Prefix + '\u007f';
}

/// <summary>A place in a feed: behind a row, or behind a position within it.</summary>
/// <param name="Epoch">The epoch of the database's rows.</param>
/// <param name="Tx">The transaction of the row.</param>
/// <param name="Id">The row.</param>
/// <param name="WrittenAt">When it was written, which tells it from another with its number; the epoch of Unix if there never was a row.</param>
/// <param name="Entry">Which of the row's entries was reached; -1 if all of them were read.</param>
/// <param name="Position">The position of that entry that was read last.</param>
internal readonly record struct FeedPlace(long Epoch, long Tx, long Id, DateTimeOffset WrittenAt, int Entry = -1, long Position = 0)
{
    /// <summary>True if the row is after that of another place.</summary>
    public bool IsAfter(FeedPlace other) => (Epoch, Tx, Id).CompareTo((other.Epoch, other.Tx, other.Id)) > 0;
}

/// <summary>An event of a feed.</summary>
/// <param name="Session">Whose it is.</param>
/// <param name="Event">What happened.</param>
/// <param name="Place">The place behind it.</param>
internal sealed record FeedItem(SessionId Session, LogEvent Event, FeedPlace Place);

/// <summary>What was read of a feed.</summary>
/// <param name="Items">The events.</param>
/// <param name="Place">The place to go on after, which may be behind that of the last event.</param>
/// <param name="IsAtEnd">True if there was no more.</param>
internal sealed record FeedRead(IReadOnlyList<FeedItem> Items, FeedPlace Place, bool IsAtEnd);

/// <summary>A step of removing old rows.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Rows">How many went.</param>
internal sealed record TrimmedFeed(string Tenant, int Rows);
