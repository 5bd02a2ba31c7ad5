namespace Forge.Checkpoints;

/// <summary>The answer to pending writes. A repeat is answered as the first was, whatever was written since.</summary>
/// <param name="Checkpoint">The checkpoint that they were put under.</param>
/// <param name="Outcomes">What became of each, in the order in which they were given.</param>
/// <param name="Position">The position of the event that tells of them; null if each was dropped, of which there is no event.</param>
/// <param name="Chain">The chain value of that position, 64 hexadecimal digits in lower case; null if there is no event.</param>
[GenerateSerializer, Immutable, Alias("forge.writes-result")]
public sealed record WritesResult(
    [property: Id(0)] CheckpointPointer Checkpoint,
    [property: Id(1)] IReadOnlyList<WriteOutcome> Outcomes,
    [property: Id(2)] long? Position,
    [property: Id(3)] string? Chain);
