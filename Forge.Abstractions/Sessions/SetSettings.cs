using Forge.Errors;
using Forge.Operations;

namespace Forge.Sessions;

/// <summary>Replaces the session's settings, making the session if it does not exist.</summary>
/// <param name="Settings">All its settings.</param>
/// <exception cref="InvalidRequestException">A value is bad.</exception>
/// <exception cref="OverLimitException">There are too many labels, or one is too long.</exception>
[GenerateSerializer, Immutable, Alias("forge.set-settings")]
public sealed record SetSettings([property: Id(0)] SessionSettings Settings) : Change<SessionInfo>;
