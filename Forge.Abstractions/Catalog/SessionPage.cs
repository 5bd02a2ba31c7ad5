using Forge.Sessions;

namespace Forge.Catalog;

/// <summary>
/// A page of sessions, of one instant. It ends before its limit if 10,000 sessions were looked at for conditions that few of them meet; so
/// it may be empty, and there may be more.
/// </summary>
/// <param name="Items">The sessions, in the order asked for.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
[GenerateSerializer, Immutable, Alias("forge.session-page")]
public sealed record SessionPage(
    [property: Id(0)] IReadOnlyList<SessionInfo> Items, [property: Id(1)] string? Next);
