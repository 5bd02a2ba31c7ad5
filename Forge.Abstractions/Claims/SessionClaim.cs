using System.Text.Json.Serialization;
using Forge.Integrity;

namespace Forge.Claims;

/// <summary>
/// The right of one worker to change a session, as it is at one instant. While somebody has it, every change of the session has to
/// carry its epoch.
/// </summary>
/// <param name="Epoch">
/// The number of the newest claim: one more with each, for the life of the session's name, whatever becomes of claims and of the
/// session. 0 if there never was one.
/// </param>
/// <param name="Owner">Who has it, 1 to 200 characters; null if nobody does: it was released, or there never was one.</param>
/// <param name="Until">
/// When its lease runs out, UTC; null for no lease. From then on others may claim the session that would not take it from somebody
/// (<see cref="ClaimSession.IfFree"/>); its owner goes on until one of them does.
/// </param>
[GenerateSerializer, Immutable, Alias("forge.session-claim")]
public sealed record SessionClaim(
    [property: Id(0)] long Epoch, [property: Id(1)] string? Owner, [property: Id(2)] DateTimeOffset? Until)
{
    /// <summary>
    /// The newest anchor of the session, as the answer to a change of the claim and to <see cref="GetClaim"/> has it; null of a repeat, in other answers,
    /// from a silo that does not tell it, and if nothing of the session is chained. It is no part of what makes claims equal.
    /// </summary>
    [Id(3), JsonIgnore]
    public Anchor? Anchor { get; init; }

    /// <summary>True of one of the same epoch, owner and end.</summary>
    public bool Equals(SessionClaim? other) =>
        other is not null && Epoch == other.Epoch && Owner == other.Owner && Until == other.Until;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Epoch, Owner, Until);
}
