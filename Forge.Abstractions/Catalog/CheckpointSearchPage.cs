using Forge.Checkpoints;
using Forge.Identity;

namespace Forge.Catalog;

/// <summary>
/// A page of checkpoints of a tenant, of one instant. It ends before its limit if it holds about 4 MiB, or if 10,000 checkpoints were
/// looked at for conditions that few of them meet; so it may be empty, and there may be more.
/// </summary>
/// <param name="Items">The checkpoints, in the order asked for.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
[GenerateSerializer, Immutable, Alias("forge.checkpoint-search-page")]
public sealed record CheckpointSearchPage(
    [property: Id(0)] IReadOnlyList<FoundCheckpoint> Items, [property: Id(1)] string? Next);

/// <summary>A checkpoint that was found, and where.</summary>
/// <param name="Session">Its session.</param>
/// <param name="Checkpoint">The checkpoint.</param>
[GenerateSerializer, Immutable, Alias("forge.found-checkpoint")]
public sealed record FoundCheckpoint(
    [property: Id(0)] SessionId Session, [property: Id(1)] CheckpointSummary Checkpoint);
