using Forge.Sessions;

namespace Forge.Catalog;

/// <summary>A page of sessions.</summary>
/// <param name="Items">The sessions, in the order of their names.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
[GenerateSerializer, Immutable, Alias("forge.session-page")]
public sealed record SessionPage(
    [property: Id(0)] IReadOnlyList<SessionInfo> Items, [property: Id(1)] string? Next);
