using Forge.Operations;

namespace Forge.Claims;

/// <summary>Who has the right to change the session now, and under which epoch; null if the session is not there.</summary>
/// <exception cref="Forge.Errors.SessionDeletedException">The session was deleted.</exception>
[GenerateSerializer, Immutable, Alias("forge.get-claim")]
public sealed record GetClaim : Operation<SessionClaim?>;
