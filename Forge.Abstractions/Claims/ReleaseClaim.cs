using Forge.Errors;
using Forge.Operations;

namespace Forge.Claims;

/// <summary>
/// Ends the claim whose epoch it carries: changes without an epoch are taken again, and those with this one no more. The next claim
/// has the next epoch.
/// </summary>
/// <exception cref="InvalidRequestException">No epoch was given.</exception>
/// <exception cref="ClaimSupersededException">The epoch is that of no claim that anybody has now.</exception>
/// <exception cref="SessionDeletedException">The session was deleted.</exception>
[GenerateSerializer, Immutable, Alias("forge.release-claim")]
public sealed record ReleaseClaim : Change<SessionClaim>;
