namespace Forge.Checkpoints;

/// <summary>
/// What a caller gives to put a small record of one task of a step under the checkpoint that the step began from. Its key is that
/// checkpoint with <see cref="Task"/> and <see cref="Index"/>.
/// </summary>
[GenerateSerializer, Immutable, Alias("forge.new-write")]
public sealed record NewWrite
{
    /// <summary>The least <see cref="Index"/>.</summary>
    public const int MinIndex = -1024;

    /// <summary>The greatest <see cref="Index"/>.</summary>
    public const int MaxIndex = 65_535;

    /// <summary>The longest <see cref="Task"/> and the longest <see cref="Name"/>, in characters.</summary>
    public const int MaxCharacters = 200;

    /// <summary>The task: 1 to 200 characters, no NUL. Tasks are compared ordinally.</summary>
    [Id(0)]
    public required string Task { get; init; }

    /// <summary>Its place among the writes of its task: -1,024 to 65,535. What is below zero is for the caller's special ones.</summary>
    [Id(1)]
    public int Index { get; init; }

    /// <summary>What it is of, as a channel: 1 to 200 characters, no NUL.</summary>
    [Id(2)]
    public required string Name { get; init; }

    /// <summary>The value: 1 byte to the limit (1 MiB by default). The bytes must not change once they are given to a grain.</summary>
    [Id(3)]
    public required ReadOnlyMemory<byte> Value { get; init; }

    /// <summary>The media type of the value: 1 to 255 characters of printable ASCII.</summary>
    [Id(4)]
    public string ContentType { get; init; } = NewCheckpoint.DefaultContentType;

    /// <summary>What it does where one is there under its key.</summary>
    [Id(5)]
    public WriteMode Mode { get; init; }
}
