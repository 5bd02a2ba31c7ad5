using System.Text.Json;

namespace Forge.Grains.Portability;

/// <summary>
/// The NDJSON document of a session, version 1: a header line, then one line a checkpoint, by rising sequence. Every line
/// ends with a line feed. <c>docs/export-format.md</c> describes it.
/// </summary>
internal static class SessionDocument
{
    public const string Kind = "session";

    public const int Version = 1;

    /// <summary>How deep a line may be nested.</summary>
    public const int MaxDepth = 64;

    /// <summary>What may stand in a line as it is: one level less, and no name twice in an object, which other readers of
    /// the document might not keep apart.</summary>
    public static readonly JsonDocumentOptions StateOptions = new() { MaxDepth = MaxDepth - 1, AllowDuplicateProperties = false };

    /// <summary>How far ahead of this silo's clock a time in a document may be.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);
}

/// <summary>What a document says of its session as a whole.</summary>
internal sealed record DocumentHeader
{
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>How many checkpoints follow.</summary>
    public required long Count { get; init; }

    public required long LastSequence { get; init; }

    public required long LastPosition { get; init; }

    public required long Current { get; init; }

    /// <summary>The chain value of the last position; null where the session had none.</summary>
    public byte[]? Chain { get; init; }

    /// <summary>The session's settings as JSON; null for none.</summary>
    public string? Settings { get; init; }
}
