using System.Data.Common;
using System.Runtime.CompilerServices;
using Forge.Errors;
using Forge.Grains.Portability;
using Forge.History.Stores;
using Forge.History.Verification;
using Forge.Identity;
using Forge.Integrity;
using Forge.Tenants;
using Orleans.Runtime;

namespace Forge.Grains.Tenants;

/// <summary>A tenant, on stock grain storage: small, and seldom written.</summary>
internal sealed class TenantGrain(
    [PersistentState(TenantGrain.StateName, TenantGrain.StorageName)] IPersistentState<TenantState> state,
    TenantSettingsRules rules,
    ISessionCatalog catalog,
    IVerification verification,
    PortabilitySlots slots) : Grain, ITenantGrain
{
    /// <summary>The name of the grain storage for what is small and seldom written.</summary>
    public const string StorageName = "orleans";

    /// <summary>The name of its state there.</summary>
    public const string StateName = "tenant";

    private const int SessionPage = 100;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        SessionAddress.ParseTenantGrainKey(this.GetPrimaryKeyString());
        return base.OnActivateAsync(cancellationToken);
    }

    public Task<TenantSettings> GetSettingsAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(state.State.Settings);

    public async IAsyncEnumerable<SessionVerification> VerifyAsync(
        SessionId? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tenant = SessionAddress.ParseTenantGrainKey(this.GetPrimaryKeyString());
        using var slot = slots.EnterExport();
        var verifier = new HistoryVerifier(verification);
        var last = after is { } name ? new SessionAddress(tenant, name) : (SessionAddress?)null;
        while (await catalog.ListSessionsAsync(tenant, last, SessionPage, cancellationToken) is { Count: > 0 } sessions)
        {
            foreach (var address in sessions)
            {
                if (await verifier.VerifyAsync(address, [], pace: null, cancellationToken) is { } result)
                {
                    yield return new SessionVerification(address.Session, result);
                }
            }

            last = sessions[^1];
        }
    }

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
