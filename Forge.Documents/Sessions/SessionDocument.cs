using System.Text.Json;

namespace Forge.Documents.Sessions;

/// <summary>
/// The NDJSON document of a session: a header line, then one line a checkpoint, by rising sequence, each with its
/// pending writes behind it, and one line an effect, by its key. Every line
/// ends with a line feed. <c>docs/export-format.md</c> describes it.
/// </summary>
internal static class SessionDocument
{
    public const string Kind = "session";

    /// <summary>The version of a document that has pending writes or effects.</summary>
    public const int Version = 3;

    /// <summary>The version of one that has branches, claims, an origin or checkpoints that require others.</summary>
    public const int SecondVersion = 2;

    /// <summary>The version of one that has none of these.</summary>
    public const int FirstVersion = 1;

    /// <summary>How deep a line may be nested.</summary>
    public const int MaxDepth = 64;

    /// <summary>How long the chain value of a header is, in bytes.</summary>
    public const int ChainBytes = 32;

    /// <summary>How large the pieces are that documents are sent in, in bytes.</summary>
    public const int PieceBytes = 256 * 1024;

    /// <summary>What may stand in a line as it is: one level less, and no name twice in an object, which other readers of
    /// the document might not keep apart.</summary>
    public static readonly JsonDocumentOptions StateOptions = new() { MaxDepth = MaxDepth - 1, AllowDuplicateProperties = false };

    /// <summary>
    /// How far ahead of this silo's clock a time in a document may be. A host whose clock is wrong by days must still get its
    /// backups in; a year is no clock that is wrong, but a document that is.
    /// </summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromDays(366);

    /// <summary>By how much two clocks may differ without a word.</summary>
    public static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(5);
}
