using Forge.History.Rows;

namespace Forge.History.Stores;

/// <summary>The wrapped data keys of tenants. Rows are never removed: what was destroyed stays as a number that is not given again.</summary>
internal interface IDataKeys
{
    /// <summary>The data keys of a tenant by rising number, destroyed ones too.</summary>
    Task<IReadOnlyList<StoredDataKey>> OfTenantAsync(string tenant, CancellationToken cancellationToken);

    /// <summary>The data keys of all tenants by tenant and number, destroyed ones too.</summary>
    /// <param name="after">The last of the page before; null to begin.</param>
    /// <param name="limit">The most of a page.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<StoredDataKey>> ListAsync(StoredDataKey? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Adds a data key; false if the tenant has one of its number. From the first one on no binary runs on the database that knows nothing of
    /// sealed rows.
    /// </summary>
    Task<bool> AddAsync(StoredDataKey key, CancellationToken cancellationToken);

    /// <summary>Has a data key wrapped by another key from now on; false if it was destroyed meanwhile.</summary>
    Task<bool> RewrapAsync(StoredDataKey key, CancellationToken cancellationToken);

    /// <summary>
    /// Destroys the data keys of a tenant, and has what is left of them in the database's own files made unreadable behind it.
    /// </summary>
    /// <returns>How many there were that had not been destroyed before.</returns>
    Task<int> DestroyAsync(string tenant, DateTimeOffset at, CancellationToken cancellationToken);
}
