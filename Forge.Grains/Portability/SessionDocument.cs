using System.Text.Json;

namespace Forge.Grains.Portability;

/// <summary>
/// The NDJSON document of a session, version 1: a header line, then one line a checkpoint, by rising sequence. Every line
/// ends with a line feed.
/// </summary>
internal static class SessionDocument
{
    public const string Kind = "session";

    public const int Version = 1;

    /// <summary>What a reader takes for a line.</summary>
    public static readonly JsonDocumentOptions LineOptions = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <summary>What may stand in a line as it is: one level less of the same.</summary>
    public static readonly JsonDocumentOptions StateOptions = LineOptions with { MaxDepth = LineOptions.MaxDepth - 1 };

    /// <summary>How far ahead of this silo's clock a time in a document may be.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);
}

/// <summary>The first line.</summary>
internal sealed record DocumentHeader
{
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>How many checkpoint lines follow.</summary>
    public required long Count { get; init; }

    public required long LastSequence { get; init; }

    public required long LastPosition { get; init; }

    public required long Current { get; init; }

    /// <summary>The session's settings as JSON; null for none.</summary>
    public string? Settings { get; init; }
}
