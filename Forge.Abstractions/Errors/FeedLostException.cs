using Forge.Identity;

namespace Forge.Errors;

/// <summary>
/// The cursor is not of the database as it is now: it was restored from a backup, or its feed is damaged. What happened between cannot be
/// told. Read the sessions as they are now, and go on with <c>latest</c> or with the oldest that is kept.
/// </summary>
[GenerateSerializer, Alias("forge.error.feed_lost")]
public sealed class FeedLostException : ForgeException
{
    /// <summary>Makes the error for a tenant.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="problem">What is the matter, as a half sentence.</param>
    public FeedLostException(TenantId tenant, string problem)
        : base($"The feed of tenant {tenant} cannot go on after this cursor: {problem}.") => (Tenant, Problem) = (tenant, problem);

    /// <summary>The tenant that was asked.</summary>
    [Id(0)]
    public TenantId Tenant { get; }

    /// <summary>What is the matter, as a half sentence.</summary>
    [Id(1)]
    public string Problem { get; }

    /// <inheritdoc/>
    public override string Code => "feed_lost";
}
