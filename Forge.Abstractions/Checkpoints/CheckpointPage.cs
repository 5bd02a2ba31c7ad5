namespace Forge.Checkpoints;

/// <summary>
/// One page of a list: a consistent read of one instant. It ends before its limit if it holds about 4 MiB without states, or as much as
/// the silo allows with them, or if 10,000 checkpoints were looked at for a trigger or a branch (on SQLite 250,000 for a branch other than
/// main); so it may be empty, and there may be more.
/// </summary>
/// <param name="Items">The summaries, in the order asked for.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
[GenerateSerializer, Immutable, Alias("forge.checkpoint-page")]
public sealed record CheckpointPage(
    [property: Id(0)] IReadOnlyList<CheckpointSummary> Items,
    [property: Id(1)] string? Next)
{
    /// <summary>
    /// The states of <see cref="Items"/>, in their order, if they were asked for: one that is damaged says so and leaves the others as they
    /// are. Null if they were not.
    /// </summary>
    [Id(16)]
    public IReadOnlyList<ListedState>? States { get; init; }
}
