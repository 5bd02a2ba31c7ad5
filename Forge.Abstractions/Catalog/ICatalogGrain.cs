using Forge.Errors;

namespace Forge.Catalog;

/// <summary>
/// The sessions of one tenant, read from the store's index; no session is activated for it. The key is <c>t/{tenant}</c>.
/// </summary>
[Alias("forge.catalog")]
public interface ICatalogGrain : IGrainWithStringKey
{
    /// <summary>
    /// A page of the tenant's living sessions, in the ordinal order of their names. Each page is of one instant; a session
    /// that is made or deleted between two pages may be in neither or in the one that is read later.
    /// </summary>
    /// <exception cref="InvalidRequestException">The prefix, limit or cursor is bad.</exception>
    /// <exception cref="OverLimitException">The limit is above the silo's.</exception>
    [Alias("list-sessions")]
    Task<SessionPage> ListSessionsAsync(SessionQuery query, CancellationToken cancellationToken = default);
}
