using Forge.History.Rows;

namespace Forge.History.Stores;

/// <summary>What became of a key that was to be added.</summary>
internal enum KeyAddition
{
    /// <summary>It is there.</summary>
    Added = 0,

    /// <summary>Another one has its id; nothing was added.</summary>
    IdTaken = 1,

    /// <summary>Its tenant has as many as it may have; nothing was added.</summary>
    TooMany = 2,
}

/// <summary>The keys by which callers come in, and what was done that admins want to know of.</summary>
internal interface IAccess
{
    /// <summary>Adds a key, and the entry that tells of it, in one transaction.</summary>
    /// <param name="key">The key.</param>
    /// <param name="limit">The most keys of its tenant that are not revoked.</param>
    /// <param name="entry">The entry; its position is given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<KeyAddition> AddKeyAsync(AccessKey key, int limit, AuditEntry entry, CancellationToken cancellationToken);

    /// <summary>A key of whatever tenant; null if there is none.</summary>
    Task<AccessKey?> FindKeyAsync(long id, CancellationToken cancellationToken);

    /// <summary>Those of some keys that are there, revoked or not, in no order.</summary>
    Task<IReadOnlyList<AccessKey>> FindKeysAsync(long[] ids, CancellationToken cancellationToken);

    /// <summary>The keys of a tenant, revoked ones too, in the order in which they were made.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="after">The last of the page before; null to begin.</param>
    /// <param name="limit">The most of a page.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<AccessKey>> ListKeysAsync(string tenant, AccessKey? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Revokes a key of a tenant, with the entry that tells of it, in one transaction. One that was revoked before stays as it is, and has no
    /// second entry.
    /// </summary>
    /// <returns>The key as it is then; null if the tenant has none of this id.</returns>
    Task<AccessKey?> RevokeKeyAsync(string tenant, long id, DateTimeOffset at, AuditEntry entry, CancellationToken cancellationToken);

    /// <summary>Notes that keys were used.</summary>
    Task NoteUseAsync(long[] ids, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Adds entries, in their order; their positions are given.</summary>
    Task AuditAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken);

    /// <summary>The entries of a tenant behind a position, by rising positions.</summary>
    Task<IReadOnlyList<AuditEntry>> ReadAuditAsync(string tenant, long after, int limit, CancellationToken cancellationToken);

    /// <summary>Removes entries, and keys that were revoked or ended, of before a time: at most so many of each; says how many went.</summary>
    Task<int> TrimAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken);
}
