namespace Forge.Silo.Quotas;

/// <summary>How much a tenant may have of a silo, section <c>Forge:Quotas</c>. Each is 0 by default: no bound.</summary>
public class QuotaLimits
{
    /// <summary>The most requests a second, and calls in connections; what was not used of one second may come at once.</summary>
    public int? RequestsPerSecond { get; set; }

    /// <summary>
    /// The most bytes a second of what is sent to the silo as bodies and calls. One that is larger is taken, and those behind it wait for it.
    /// </summary>
    public long? BytesPerSecond { get; set; }

    /// <summary>The most event streams and connections of JSON-RPC that are open at once.</summary>
    public int? Streams { get; set; }
}

/// <summary>The quotas of every tenant, and those of some. They hold for each silo by itself.</summary>
public sealed class QuotaOptions : QuotaLimits
{
    /// <summary>The section's name.</summary>
    public const string Section = "Forge:Quotas";

    /// <summary>Those of tenants by name, as <c>Forge:Quotas:Tenants:acme:Streams</c>; what one does not say is as for every tenant.</summary>
    public IDictionary<string, QuotaLimits> Tenants { get; } = new Dictionary<string, QuotaLimits>(StringComparer.Ordinal);

    /// <summary>True if there is any bound.</summary>
    internal bool HasAny => Tenants.Values.Prepend(this).Any(limits =>
        limits.RequestsPerSecond > 0 || limits.BytesPerSecond > 0 || limits.Streams > 0);
}
