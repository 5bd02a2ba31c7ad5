using System.Data.Common;
using Forge.Errors;
using Forge.Identity;
using Forge.Tenants;
using Orleans.Runtime;

namespace Forge.Grains.Tenants;

/// <summary>A tenant, on stock grain storage: small, and seldom written.</summary>
internal sealed class TenantGrain(
    [PersistentState("tenant", TenantGrain.StorageName)] IPersistentState<TenantState> state,
    TenantSettingsRules rules) : Grain, ITenantGrain
{
    /// <summary>The name of the grain storage for what is small and seldom written.</summary>
    public const string StorageName = "orleans";

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        SessionAddress.ParseTenantGrainKey(this.GetPrimaryKeyString());
        return base.OnActivateAsync(cancellationToken);
    }

    public Task<TenantSettings> GetSettingsAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(state.State.Settings);

    public async Task<TenantSettings> SetSettingsAsync(TenantSettings settings, CancellationToken cancellationToken = default)
    {
        settings = rules.Check(settings);
        state.State.Settings = settings;
        try
        {
            await state.WriteStateAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            // What is in memory may not be what is stored: the next activation reads it.
            DeactivateOnIdle();
            if (exception.GetBaseException() is DbException)
            {
                throw new UnavailableException(
                    "The database did not take the tenant's settings; set them again.", exception);
            }

            throw;
        }

        return settings;
    }
}
