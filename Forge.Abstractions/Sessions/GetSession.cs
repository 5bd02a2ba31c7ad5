using Forge.Operations;

namespace Forge.Sessions;

/// <summary>Asks what the session is now; null if nothing was ever saved in it.</summary>
[GenerateSerializer, Immutable, Alias("forge.get-session")]
public sealed record GetSession : Operation<SessionInfo?>;
