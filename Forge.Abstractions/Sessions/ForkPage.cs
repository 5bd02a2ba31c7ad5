namespace Forge.Sessions;

/// <summary>A page of the forks of a session.</summary>
/// <param name="Items">The forks.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
[GenerateSerializer, Immutable, Alias("forge.fork-page")]
public sealed record ForkPage([property: Id(0)] IReadOnlyList<SessionFork> Items, [property: Id(1)] string? Next);
