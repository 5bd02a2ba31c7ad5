using Forge.Identity;

namespace Forge.Errors;

/// <summary>
/// The change was made under a claim that is over: there is a newer one, or it was released, or its session is another one of that name.
/// Whoever meets this no longer has the right to change the session, and should stop.
/// </summary>
[GenerateSerializer, Alias("forge.error.superseded")]
public sealed class ClaimSupersededException : ForgeException
{
    /// <summary>Makes the error for a change under <paramref name="given"/>.</summary>
    public ClaimSupersededException(SessionAddress session, long given, long epoch, string? owner, DateTimeOffset? until)
        : base($"Epoch {given} of session {session} is over: " + (owner is null
            ? $"nobody has claimed it now, and its newest epoch is {epoch}."
            : $"it is claimed by {owner}, under epoch {epoch}{(until is { } end ? $", until {end:O}" : "")}.")) =>
        (Session, Given, Epoch, Owner, Until) = (session, given, epoch, owner, until);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The epoch that the change carried.</summary>
    [Id(1)]
    public long Given { get; }

    /// <summary>The newest epoch of the session; 0 if it was never claimed.</summary>
    [Id(2)]
    public long Epoch { get; }

    /// <summary>Who has claimed it; null for nobody.</summary>
    [Id(3)]
    public string? Owner { get; }

    /// <summary>When the lease of that claim runs out, UTC; null for no lease.</summary>
    [Id(4)]
    public DateTimeOffset? Until { get; }

    /// <inheritdoc/>
    public override string Code => "superseded";
}
