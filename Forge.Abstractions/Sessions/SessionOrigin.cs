using Forge.Identity;

namespace Forge.Sessions;

/// <summary>The checkpoint of another session that a session was forked from, as it was then.</summary>
/// <param name="Session">The session.</param>
/// <param name="Sequence">The checkpoint's sequence.</param>
/// <param name="Id">The checkpoint's id.</param>
/// <param name="Chain">
/// The checkpoint's chain value, 64 hexadecimal digits in lower case: with its position an anchor of the origin. Null if it had none.
/// </param>
/// <param name="Gone">
/// True if the session that was forked is not there any more: it was deleted, or the fork was imported. A session of the same name that
/// was made since is not the origin.
/// </param>
[GenerateSerializer, Immutable, Alias("forge.session-origin")]
public sealed record SessionOrigin(
    [property: Id(0)] SessionId Session,
    [property: Id(1)] long Sequence,
    [property: Id(2)] CheckpointId Id,
    [property: Id(3)] string? Chain,
    [property: Id(4)] bool Gone = false);
