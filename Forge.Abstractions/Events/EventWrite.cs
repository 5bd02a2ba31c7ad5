namespace Forge.Events;

/// <summary>A pending write as an event tells of it, without its value.</summary>
/// <param name="Task">The task.</param>
/// <param name="Index">Its place among the writes of its task.</param>
/// <param name="Name">What it is of.</param>
/// <param name="Size">The length of its value in bytes.</param>
[GenerateSerializer, Immutable, Alias("forge.event-write")]
public sealed record EventWrite(
    [property: Id(0)] string Task, [property: Id(1)] int Index, [property: Id(2)] string Name, [property: Id(3)] int Size);
