using Forge.Effects;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Stores;

/// <summary>
/// Counts what there is. Each count reads many rows, so that nobody asks while a caller waits, nor more often than a small part of the time
/// that the answer takes. Each is of one instant.
/// </summary>
internal interface IUsage
{
    /// <summary>What a tenant has.</summary>
    Task<TenantUse> CountAsync(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>What the tenants have that have the most bytes, those first.</summary>
    /// <param name="limit">How many tenants at the most.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<IReadOnlyList<TenantUse>> ListLargestAsync(int limit, CancellationToken cancellationToken);

    /// <summary>The work that is due at a time, by kind; kinds of which nothing is due are left out.</summary>
    Task<IReadOnlyList<OverdueWork>> ListOverdueAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>How many effects stand how at a time; statuses that none has are left out.</summary>
    Task<IReadOnlyList<EffectUse>> CountEffectsAsync(DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>What a tenant has.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Sessions">Its living sessions.</param>
/// <param name="Bytes">The bytes of their visible checkpoints' states and pending writes, as they were given.</param>
internal readonly record struct TenantUse(TenantId Tenant, long Sessions, long Bytes);

/// <summary>Work of a kind that is due.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Count">How much.</param>
/// <param name="DueAt">Since when the oldest is due.</param>
internal readonly record struct OverdueWork(DueWorkKind Kind, long Count, DateTimeOffset DueAt);

/// <summary>Effects that stand alike.</summary>
/// <param name="Status">How.</param>
/// <param name="Count">How many.</param>
internal readonly record struct EffectUse(EffectStatus Status, long Count);
