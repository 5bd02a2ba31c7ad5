namespace Forge.Documents.Sessions;

/// <summary>A pending write as a line of a document has it: of the checkpoint whose line stands before it.</summary>
internal sealed record DocumentWrite
{
    /// <summary>The sequence of the checkpoint; the line itself does not say it.</summary>
    public required long Sequence { get; init; }

    public required string Task { get; init; }

    public required int Index { get; init; }

    public required string Name { get; init; }

    public required string ContentType { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The length of the value, as the document says it.</summary>
    public required long Size { get; init; }

    /// <summary>The SHA-256 of the value in hexadecimal, as the document says it.</summary>
    public required string Checksum { get; init; }

    /// <summary>The value, the very bytes.</summary>
    public required ReadOnlyMemory<byte> Value { get; init; }
}
