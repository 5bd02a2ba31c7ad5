using Forge.Errors;
using Forge.Operations;

namespace Forge.Checkpoints;

/// <summary>
/// Asks for the pending writes of a checkpoint: each page is of one instant. Null if the checkpoint is not there. Those of another
/// checkpoint, its parent or its children, are not among them.
/// </summary>
/// <param name="Checkpoint">Which one.</param>
/// <param name="Limit">
/// The most of a page; from 1 to the silo's limit (1,000 by default). A page ends earlier with the write whose value brings it to the
/// bytes of a page (16 MiB by default).
/// </param>
/// <param name="Cursor">The <see cref="WritePage.Next"/> of the page before; null for the first page.</param>
/// <exception cref="InvalidRequestException">The limit or the cursor is bad, or the cursor is of another checkpoint.</exception>
/// <exception cref="OverLimitException">The limit is above the silo's.</exception>
/// <exception cref="StateCorruptedException">A write of the page is not what was written.</exception>
[GenerateSerializer, Immutable, Alias("forge.list-writes")]
public sealed record ListWrites(
    [property: Id(0)] CheckpointReference Checkpoint,
    [property: Id(1)] int Limit = 100,
    [property: Id(2)] string? Cursor = null) : Operation<WritePage?>;
