using Forge.Identity;

namespace Forge.Documents.Sessions;

/// <summary>What a document says of its session as a whole.</summary>
internal sealed record DocumentHeader
{
    /// <summary>The session that it was exported from; null if it was read, since an import goes wherever the caller says.</summary>
    public SessionAddress? Address { get; init; }

    public required DateTimeOffset ExportedAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>How many checkpoints follow.</summary>
    public required long Count { get; init; }

    public required long LastSequence { get; init; }

    public required long LastPosition { get; init; }

    /// <summary>The sequence of the newest checkpoint; nobody reads it from a document.</summary>
    public long Head { get; init; }

    public required long Current { get; init; }

    /// <summary>The branches but main, each with the sequence of its current checkpoint; 0 for none.</summary>
    public IReadOnlyDictionary<string, long> Branches { get; init; } = new Dictionary<string, long>();

    /// <summary>True if some of the checkpoints require others; nobody reads it from a document, whose lines say it.</summary>
    public bool Require { get; init; }

    /// <summary>How many lines of pending writes stand among those of the checkpoints.</summary>
    public long Writes { get; init; }

    /// <summary>How many effects follow behind the checkpoints.</summary>
    public long Effects { get; init; }

    /// <summary>The version of the format that the document needs: the first one that can say it.</summary>
    public int Version =>
        Writes > 0 || Effects > 0 ? SessionDocument.Version
        : Branches.Count > 0 || ClaimEpoch is not null || Origin is not null || Require ? SessionDocument.SecondVersion : SessionDocument.FirstVersion;

    /// <summary>The chain value of the last position; null if the session had none.</summary>
    public byte[]? Chain { get; init; }

    /// <summary>The newest epoch of the session's claims; null if it was never claimed.</summary>
    public long? ClaimEpoch { get; init; }

    /// <summary>The session's settings as JSON, as the document has them; null for none.</summary>
    public string? Settings { get; init; }

    /// <summary>The checkpoint that the session was forked from; null if it was not.</summary>
    public DocumentOrigin? Origin { get; init; }

    /// <summary>
    /// True if it was made of a document of the earlier tool on its way in: no silo has taken its values before, and those that
    /// are new are held to the limits of now.
    /// </summary>
    public bool IsEarlier { get; init; }

    /// <summary>What was left out; null if nothing was to be. No import reads it from a document.</summary>
    public LeftOut? LeftOut { get; init; }
}
