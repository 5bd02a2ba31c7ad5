namespace Forge.Events;

/// <summary>A page of a session's log: a consistent read of one instant. It ends before its limit if it holds about 1 MiB.</summary>
/// <param name="Items">The events, by rising position; empty if there is nothing after the position.</param>
/// <param name="Next">The position to go on after; null if there was no more.</param>
/// <param name="Last">The newest position of the session at that instant; 0 for a session that does not exist.</param>
[GenerateSerializer, Immutable, Alias("forge.event-page")]
public sealed record EventPage(
    [property: Id(0)] IReadOnlyList<LogEvent> Items, [property: Id(1)] long? Next, [property: Id(2)] long Last);
