using Forge.Operations;

namespace Forge.Sessions;

/// <summary>Asks what the session is now; null if nothing was ever saved in it.</summary>
/// <exception cref="Forge.Errors.SessionDeletedException">The session was deleted.</exception>
[GenerateSerializer, Immutable, Alias("forge.get-session")]
public sealed record GetSession : Operation<SessionInfo?>;
