using Forge.Errors;

namespace Forge.Tenants;

/// <summary>One tenant: its settings, which are its sessions' defaults. The key is <c>t/{tenant}</c>.</summary>
[Alias("forge.tenant")]
public interface ITenantGrain : IGrainWithStringKey
{
    /// <summary>The settings; the defaults where none were set.</summary>
    [Alias("get-settings")]
    Task<TenantSettings> GetSettingsAsync(CancellationToken cancellationToken = default);

    /// <summary>Replaces the settings. Sessions that are active take them up within a minute.</summary>
    /// <exception cref="InvalidRequestException">A value is bad.</exception>
    [Alias("set-settings")]
    Task<TenantSettings> SetSettingsAsync(TenantSettings settings, CancellationToken cancellationToken = default);
}
