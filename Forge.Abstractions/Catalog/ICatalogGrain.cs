using Forge.Errors;

namespace Forge.Catalog;

/// <summary>
/// The sessions and checkpoints of one tenant, read from the store's indexes; no session is activated for it. The key is
/// <c>t/{tenant}</c>.
/// </summary>
/// <remarks>
/// Each page is of one instant, and shows nothing that was deleted before it. A cursor stays good while sessions and checkpoints come and
/// go; with other conditions than it was made with it is refused.
/// </remarks>
[Alias("forge.catalog")]
public interface ICatalogGrain : IGrainWithStringKey
{
    /// <summary>
    /// A page of the tenant's living sessions, in the order of their names or of their activity. A session that is made or deleted between
    /// two pages may be in neither or in the one that is read later. In the order of activity, one that becomes active between two pages
    /// moves to the front: it may have been shown before, or not be shown at all.
    /// </summary>
    /// <exception cref="InvalidRequestException">The prefix, a label, a time, the limit or the cursor is bad.</exception>
    /// <exception cref="OverLimitException">The limit is above the silo's, or a label is longer or there are more of them than can be.</exception>
    [Alias("list-sessions")]
    Task<SessionPage> ListSessionsAsync(SessionQuery query, CancellationToken cancellationToken = default);

    /// <summary>
    /// A page of the visible checkpoints of the tenant's living sessions, in the order of their times, those of one time in an order of
    /// the store's.
    /// </summary>
    /// <exception cref="InvalidRequestException">The tag, prefix, a time, the limit or the cursor is bad, or nothing that is indexed is asked for.</exception>
    /// <exception cref="OverLimitException">The limit is above the silo's, or the tag is longer than can be.</exception>
    [Alias("search-checkpoints")]
    Task<CheckpointSearchPage> SearchCheckpointsAsync(CheckpointSearchQuery query, CancellationToken cancellationToken = default);

    /// <summary>
    /// What the tenant has in the cluster, and what it may have. It is counted anew if the silo's last count is a second old, or, if that
    /// took longer than 20 ms, so old that counting takes no more than a fiftieth of the time; five minutes old at the most.
    /// </summary>
    /// <exception cref="UnavailableException">The database cannot be reached, or does not answer in time.</exception>
    [Alias("get-usage")]
    Task<TenantUsage> GetUsageAsync(CancellationToken cancellationToken = default);
}
