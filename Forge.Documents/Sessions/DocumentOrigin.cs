using Forge.Identity;

namespace Forge.Documents.Sessions;

/// <summary>The checkpoint that a session was forked from, as its document says it.</summary>
/// <param name="Session">The session that was forked, of the same tenant.</param>
/// <param name="Sequence">The checkpoint's sequence there, from 1.</param>
/// <param name="Id">The checkpoint's id.</param>
/// <param name="Chain">The checkpoint's chain value there; null if it had none.</param>
internal sealed record DocumentOrigin(SessionId Session, long Sequence, CheckpointId Id, byte[]? Chain);
