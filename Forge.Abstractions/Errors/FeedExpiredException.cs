using Forge.Identity;

namespace Forge.Errors;

/// <summary>
/// Events after the cursor may not be in the tenant's feed any more, for it is kept for a time only: whoever goes on from it would miss some.
/// Read the sessions as they are now, and go on with <c>latest</c> or with the oldest that is kept.
/// </summary>
[GenerateSerializer, Alias("forge.error.feed_expired")]
public sealed class FeedExpiredException : ForgeException
{
    /// <summary>Makes the error for a tenant.</summary>
    public FeedExpiredException(TenantId tenant)
        : base($"The feed of tenant {tenant} is not kept after this cursor any more.") => Tenant = tenant;

    /// <summary>The tenant that was asked.</summary>
    [Id(0)]
    public TenantId Tenant { get; }

    /// <inheritdoc/>
    public override string Code => "feed_expired";
}
