using Forge.Errors;
using Forge.Operations;

namespace Forge.Claims;

/// <summary>
/// Gives the right to change the session to one worker, and takes it from whoever had it: from then on every change has to carry the
/// new epoch. Makes the session if it does not exist. A claim of the owner that has it already is a new one too.
/// </summary>
/// <param name="Owner">Who claims it, for others to see: 1 to 200 characters, no NUL. Epochs tell workers apart, names do not.</param>
/// <param name="Lease">
/// How long others leave it alone that claim <paramref name="IfFree"/>; from 1 second to 30 days (by default); null for as long as it
/// is not released.
/// </param>
/// <param name="IfFree">True to claim it only if nobody has it, or the lease of who has it ran out.</param>
/// <exception cref="InvalidRequestException">The owner is empty or holds a NUL, the lease is too short, or an epoch was given.</exception>
/// <exception cref="OverLimitException">The owner or the lease is too long.</exception>
/// <exception cref="SessionClaimedException">It was to be claimed only if it is free, and it is not.</exception>
/// <exception cref="SessionDeletedException">The session was deleted.</exception>
[GenerateSerializer, Immutable, Alias("forge.claim-session")]
public sealed record ClaimSession(
    [property: Id(0)] string Owner, [property: Id(1)] TimeSpan? Lease = null, [property: Id(2)] bool IfFree = false) : Change<SessionClaim>;
