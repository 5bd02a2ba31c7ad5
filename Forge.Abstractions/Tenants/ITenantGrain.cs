using Forge.Errors;
using Forge.Identity;
using Forge.Integrity;

namespace Forge.Tenants;

/// <summary>One tenant: its settings, which are its sessions' defaults. The key is <c>t/{tenant}</c>.</summary>
[Alias("forge.tenant")]
public interface ITenantGrain : IGrainWithStringKey
{
    /// <summary>The settings; the defaults if none were set.</summary>
    [Alias("get-settings")]
    Task<TenantSettings> GetSettingsAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Verifies all living sessions of the tenant one after another, by rising name, each as it is when its turn comes, and
    /// tells of each as it is done. A session that is deleted meanwhile is passed over.
    /// </summary>
    /// <param name="after">Only sessions whose names come after this one, to go on where an earlier verification broke off; null
    /// for all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Alias("verify")]
    IAsyncEnumerable<SessionVerification> VerifyAsync(SessionId? after = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Replaces the settings. Sessions take them up within a minute, or with the first call after that in a silo that had none
    /// for the tenant meanwhile; in a silo that had none for ten minutes they hold at once. Nothing is removed by a retention or a
    /// time to live that was replaced a minute ago or earlier.
    /// </summary>
    /// <exception cref="InvalidRequestException">A value is bad.</exception>
    [Alias("set-settings")]
    Task<TenantSettings> SetSettingsAsync(TenantSettings settings, CancellationToken cancellationToken = default);
}
