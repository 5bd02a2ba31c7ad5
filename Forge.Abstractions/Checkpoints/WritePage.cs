namespace Forge.Checkpoints;

/// <summary>A page of the pending writes of a checkpoint.</summary>
/// <param name="Checkpoint">The checkpoint.</param>
/// <param name="Items">The writes, by their tasks, compared ordinally by the bytes of their UTF-8, and of each task by rising index.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
[GenerateSerializer, Immutable, Alias("forge.write-page")]
public sealed record WritePage(
    [property: Id(0)] CheckpointPointer Checkpoint,
    [property: Id(1)] IReadOnlyList<PendingWrite> Items,
    [property: Id(2)] string? Next);
