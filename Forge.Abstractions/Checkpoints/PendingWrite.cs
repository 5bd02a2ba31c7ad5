namespace Forge.Checkpoints;

/// <summary>A small record of one task of a step, as it is kept under the checkpoint that the step began from.</summary>
[GenerateSerializer, Immutable, Alias("forge.pending-write")]
public sealed record PendingWrite
{
    /// <summary>The task.</summary>
    [Id(0)]
    public required string Task { get; init; }

    /// <summary>Its place among the writes of its task.</summary>
    [Id(1)]
    public required int Index { get; init; }

    /// <summary>What it is of.</summary>
    [Id(2)]
    public required string Name { get; init; }

    /// <summary>The bytes that were written, their SHA-256 checked as they were read.</summary>
    [Id(3)]
    public required ReadOnlyMemory<byte> Value { get; init; }

    /// <summary>The media type of the value.</summary>
    [Id(4)]
    public required string ContentType { get; init; }

    /// <summary>When it was written, UTC, in whole microseconds.</summary>
    [Id(5)]
    public required DateTimeOffset At { get; init; }
}
