using Forge.Checkpoints;

namespace Forge.Sessions;

/// <summary>The state that a caller has now, which is saved before a restore and in the same step.</summary>
[GenerateSerializer, Immutable, Alias("forge.present-state")]
public sealed record PresentState
{
    /// <summary>What the agent says of it, as of any checkpoint.</summary>
    [Id(0)]
    public required string Message { get; init; }

    /// <summary>The state, at least one byte.</summary>
    [Id(1)]
    public required ReadOnlyMemory<byte> State { get; init; }

    /// <summary>The media type of the state; <see cref="NewCheckpoint.DefaultContentType"/> by default.</summary>
    [Id(2)]
    public string ContentType { get; init; } = NewCheckpoint.DefaultContentType;

    /// <summary>Tags; none by default.</summary>
    [Id(3)]
    public IReadOnlyList<string> Tags { get; init; } = [];
}
