namespace Forge.Checkpoints;

/// <summary>
/// How a state differs from that of a checkpoint: they have so many bytes at the front and at the end in common, and the bytes between go
/// beside this, in the place of the state. What is stored, hashed and chained is as if the state had been sent whole.
/// </summary>
[GenerateSerializer, Immutable, Alias("forge.state-difference")]
public sealed record StateDifference
{
    /// <summary>The media type of the bytes between, where the rest stands beside them. No state has it.</summary>
    public const string MediaType = "application/vnd.forge.difference";

    /// <summary>The checkpoint whose state it differs from, by its id or sequence, of any branch of the session.</summary>
    [Id(0)]
    public required CheckpointReference Base { get; init; }

    /// <summary>How many bytes of the base's state the state begins with; from 0.</summary>
    [Id(1)]
    public required int Front { get; init; }

    /// <summary>How many bytes of the base's state the state ends with, behind those at the front; from 0.</summary>
    [Id(2)]
    public required int End { get; init; }

    /// <summary>The SHA-256 of the whole state: 32 bytes.</summary>
    [Id(3)]
    public required ReadOnlyMemory<byte> Checksum { get; init; }
}
