using Forge.Errors;
using Forge.Operations;

namespace Forge.Events;

/// <summary>Asks for the events of a session's log after a position, a page at a time; empty for a session that does not exist.</summary>
/// <param name="After">The position, from 0; null to begin with the oldest that is kept.</param>
/// <param name="Limit">The most of a page; from 1 to the silo's limit (1,000 by default).</param>
/// <exception cref="LogPositionExpiredException">Events after the position are not kept any more.</exception>
/// <exception cref="SessionDeletedException">The session was deleted, and its log with it.</exception>
/// <exception cref="StateCorruptedException">Positions after it are missing that should be there.</exception>
/// <exception cref="InvalidRequestException">The limit is bad, or the session has not got as far as the position.</exception>
/// <exception cref="OverLimitException">The limit is above the silo's.</exception>
[GenerateSerializer, Immutable, Alias("forge.list-events")]
public sealed record ListEvents([property: Id(0)] long? After = null, [property: Id(1)] int Limit = 100) : Operation<EventPage>;
