using Forge.Identity;
using Forge.Tenants;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Forge.Grains.Tenants;

/// <summary>
/// Reads the settings of tenants from the storage of their grains, past the grains: a grain has them stored before it says
/// that they are set.
/// </summary>
internal sealed class StoredTenants(
    [FromKeyedServices(TenantGrain.StorageName)] IGrainStorage storage, IGrainFactory grains)
{
    /// <summary>The settings of a tenant; the defaults if none were set.</summary>
    public async Task<TenantSettings> ReadAsync(TenantId tenant)
    {
        var state = new GrainState<TenantState>(new TenantState());
        var grain = grains.GetGrain<ITenantGrain>(SessionAddress.ToGrainKey(tenant)).GetGrainId();
        await storage.ReadStateAsync(TenantGrain.StateName, grain, state);
        return state.State?.Settings ?? new TenantSettings();
    }
}
