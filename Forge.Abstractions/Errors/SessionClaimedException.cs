using Forge.Identity;

namespace Forge.Errors;

/// <summary>
/// Somebody has claimed the session, and the change carried no epoch; or it was to be claimed only if it is free. A change that should be
/// made all the same is made under a claim of its own.
/// </summary>
[GenerateSerializer, Alias("forge.error.claimed")]
public sealed class SessionClaimedException : ForgeException
{
    /// <summary>Makes the error for a session that <paramref name="owner"/> has claimed.</summary>
    public SessionClaimedException(SessionAddress session, long epoch, string owner, DateTimeOffset? until)
        : base($"Session {session} is claimed by {owner}, under epoch {epoch}{(until is { } end ? $", until {end:O}" : "")}.") =>
        (Session, Epoch, Owner, Until) = (session, epoch, owner, until);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The epoch of the claim.</summary>
    [Id(1)]
    public long Epoch { get; }

    /// <summary>Who has it.</summary>
    [Id(2)]
    public string Owner { get; }

    /// <summary>When its lease runs out, UTC; null for no lease.</summary>
    [Id(3)]
    public DateTimeOffset? Until { get; }

    /// <inheritdoc/>
    public override string Code => "claimed";
}
