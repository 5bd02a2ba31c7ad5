namespace Forge.Catalog;

/// <summary>What a tenant has in the cluster, and what it may have.</summary>
/// <param name="Sessions">Its living sessions.</param>
/// <param name="StoredBytes">
/// The bytes of their visible checkpoints' states and pending writes, as they were given: what the database stores of them is less, and what
/// was removed and is not reclaimed yet does not count.
/// </param>
/// <param name="CountedAt">When the silo that answers counted; what its own sessions changed since is in the numbers if the tenant has a quota.</param>
/// <param name="MostSessions">The quota of sessions; null for none.</param>
/// <param name="MostStoredBytes">The quota of stored bytes; null for none.</param>
[GenerateSerializer, Immutable, Alias("forge.tenant-usage")]
public sealed record TenantUsage(
    [property: Id(0)] long Sessions,
    [property: Id(1)] long StoredBytes,
    [property: Id(2)] DateTimeOffset CountedAt,
    [property: Id(3)] long? MostSessions,
    [property: Id(4)] long? MostStoredBytes);
