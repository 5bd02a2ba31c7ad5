using Forge.Errors;
using Forge.Operations;

namespace Forge.Claims;

/// <summary>
/// Lets the lease of the claim whose epoch it carries begin anew; the epoch stays. It is no event of the session's log, which a worker
/// that says again and again that it is there would fill.
/// </summary>
/// <param name="Lease">How long from now: from 1 second to 30 days (by default).</param>
/// <exception cref="InvalidRequestException">The lease is too short, or no epoch was given.</exception>
/// <exception cref="OverLimitException">The lease is too long.</exception>
/// <exception cref="ClaimSupersededException">The epoch is that of no claim that anybody has now.</exception>
/// <exception cref="SessionDeletedException">The session was deleted.</exception>
[GenerateSerializer, Immutable, Alias("forge.renew-claim")]
public sealed record RenewClaim([property: Id(0)] TimeSpan Lease) : Change<SessionClaim>;
