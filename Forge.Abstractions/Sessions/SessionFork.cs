using Forge.Checkpoints;
using Forge.Identity;

namespace Forge.Sessions;

/// <summary>A session that was forked from another.</summary>
/// <param name="Session">The fork.</param>
/// <param name="Checkpoint">The checkpoint of the origin that it begins from.</param>
/// <param name="ForkedAt">When it was made, UTC.</param>
[GenerateSerializer, Immutable, Alias("forge.session-fork")]
public sealed record SessionFork(
    [property: Id(0)] SessionId Session,
    [property: Id(1)] CheckpointPointer Checkpoint,
    [property: Id(2)] DateTimeOffset ForkedAt);
