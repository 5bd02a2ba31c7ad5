namespace Forge.Grains.Usage;

/// <summary>How much a tenant may have in the cluster, section <c>Forge:Quotas</c>. Each is 0 by default: no bound.</summary>
public class UsageLimits
{
    /// <summary>The most living sessions.</summary>
    public long? Sessions { get; set; }

    /// <summary>The most bytes of states and pending writes, as they were given.</summary>
    public long? StoredBytes { get; set; }
}

/// <summary>
/// The quotas of every tenant, and those of some. They hold for what all silos of a cluster store together, as far as each of them knows
/// (docs/security.md, Quotas); all silos must have the same.
/// </summary>
public sealed class UsageOptions : UsageLimits
{
    /// <summary>The section's name.</summary>
    public const string Section = "Forge:Quotas";

    /// <summary>
    /// How long behind a change or a refusal a tenant that has a quota is counted again at the soonest: a second by default, 100 ms to an hour.
    /// So long a silo may not know what others let in or removed.
    /// </summary>
    public TimeSpan CountInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Those of tenants by name, as <c>Forge:Quotas:Tenants:acme:Sessions</c>; what one does not say is as for every tenant.</summary>
    public IDictionary<string, UsageLimits> Tenants { get; } = new Dictionary<string, UsageLimits>(StringComparer.Ordinal);
}
