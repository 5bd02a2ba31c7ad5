using System.Collections.Concurrent;
using Forge.Errors;
using Forge.Identity;
using Forge.Tenants;
using Orleans;

namespace Forge.Grains.Tenants;

/// <summary>The settings of tenants as a silo's sessions know them: read from the tenant's grain, and at most a minute old.</summary>
internal sealed class TenantDefaults(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<TenantId, (TenantSettings Settings, long ReadAt)> _known = new();

    /// <summary>The settings of a tenant; without an await if they are fresh.</summary>
    /// <exception cref="UnavailableException">They were never read and can't be read now.</exception>
    public ValueTask<TenantSettings> GetAsync(TenantId tenant) =>
        _known.TryGetValue(tenant, out var known) && time.GetElapsedTime(known.ReadAt) < Lifetime
            ? new(known.Settings)
            : ReadAsync(tenant);

    private async ValueTask<TenantSettings> ReadAsync(TenantId tenant)
    {
        try
        {
            var settings = await grains.GetGrain<ITenantGrain>(SessionAddress.ToGrainKey(tenant)).GetSettingsAsync();
            _known[tenant] = (settings, time.GetTimestamp());
            return settings;
        }
        catch (Exception exception) when (exception is not ForgeException)
        {
            // Sessions go on with what they know: defaults are no reason to refuse an agent's work.
            return _known.TryGetValue(tenant, out var known)
                ? known.Settings
                : throw new UnavailableException($"The settings of tenant {tenant} cannot be read; nothing was changed.", exception);
        }
    }
}
