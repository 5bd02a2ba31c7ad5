using Forge.Errors;
using Forge.Operations;

namespace Forge.Checkpoints;

/// <summary>Asks for summaries of checkpoints, a page at a time; empty for a session that does not exist.</summary>
/// <param name="Query">Which ones, and how.</param>
/// <exception cref="InvalidRequestException">The cursor, a bound or the limit is bad.</exception>
/// <exception cref="OverLimitException">The limit is above the page limit.</exception>
[GenerateSerializer, Immutable, Alias("forge.list-checkpoints")]
public sealed record ListCheckpoints([property: Id(0)] CheckpointQuery Query) : Operation<CheckpointPage>;
