using Forge.Tenants;

namespace Forge.Grains.Tenants;

/// <summary>What is stored of a tenant.</summary>
[GenerateSerializer, Alias("forge.tenant-state")]
internal sealed class TenantState
{
    /// <summary>Its settings.</summary>
    [Id(0)]
    public TenantSettings Settings { get; set; } = new();
}
