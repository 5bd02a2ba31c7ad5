namespace Forge.Documents;

/// <summary>How a document is compressed as a whole.</summary>
public enum DocumentCompression
{
    /// <summary>Not at all: lines of text.</summary>
    None = 0,

    /// <summary>As gzip (RFC 1952).</summary>
    Gzip = 1,

    /// <summary>As Zstandard (RFC 8878).</summary>
    Zstd = 2,
}
