using Forge.Identity;

namespace Forge.Events;

/// <summary>The checkpoint that a session was begun from, as a forked event tells it.</summary>
/// <param name="Session">The session that it was in.</param>
/// <param name="Sequence">Its sequence there.</param>
/// <param name="Id">Its id there.</param>
/// <param name="Chain">Its chain value there, 64 hexadecimal digits in lower case; null if it had none.</param>
[GenerateSerializer, Immutable, Alias("forge.event-origin")]
public sealed record EventOrigin(
    [property: Id(0)] SessionId Session, [property: Id(1)] long Sequence, [property: Id(2)] CheckpointId Id, [property: Id(3)] string? Chain);
