namespace Forge.Checkpoints;

/// <summary>What became of a create.</summary>
public enum CreateOutcome
{
    /// <summary>The checkpoint was created and is durable.</summary>
    Created = 0,

    /// <summary>It was created by an earlier call with the same id; nothing was changed by this one.</summary>
    Repeated = 1,

    /// <summary>It was throttled: nothing was changed.</summary>
    NotTaken = 2,
}

/// <summary>The answer to a create.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Checkpoint">The checkpoint, also if it was created by an earlier call; null if none was taken. Of
/// a repeat whose checkpoint is gone by now, the summary holds the first answer's values.</param>
[GenerateSerializer, Immutable, Alias("forge.create-result")]
public sealed record CreateResult(
    [property: Id(0)] CreateOutcome Outcome,
    [property: Id(1)] CheckpointSummary? Checkpoint)
{
    /// <summary>
    /// What became of each of its pending writes, in the order in which they were given; null if it has none, or if a repeat comes when
    /// the first is not remembered any more.
    /// </summary>
    [Id(2)]
    public IReadOnlyList<WriteOutcome>? Writes { get; init; }
}
