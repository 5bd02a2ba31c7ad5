using Forge.Identity;

namespace Forge.History.Stores;

/// <summary>Lists across sessions.</summary>
internal interface ISessionCatalog
{
    /// <summary>
    /// The living sessions of a tenant by rising name, compared ordinally, with their head rows and the ids of head and
    /// current.
    /// </summary>
    Task<IReadOnlyList<SessionRow>> ListSessionsAsync(
        TenantId tenant, SessionFilter filter, CancellationToken cancellationToken);

    /// <summary>
    /// The names of sessions that are not deleted, by rising tenant and session, compared ordinally; of one tenant or of all.
    /// </summary>
    /// <param name="tenant">The tenant; null for all.</param>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="limit">The most names.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<IReadOnlyList<SessionAddress>> ListSessionsAsync(
        TenantId? tenant, SessionAddress? after, int limit, CancellationToken cancellationToken);
}
