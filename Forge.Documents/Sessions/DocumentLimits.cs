namespace Forge.Documents.Sessions;

/// <summary>What bounds the reading of a document. The values themselves are checked by whoever takes them in.</summary>
internal sealed record DocumentLimits
{
    /// <summary>The longest line, in bytes.</summary>
    public required long LineBytes { get; init; }

    /// <summary>The longest line that is usual, in bytes. The memory of a longer one is given up once it was read.</summary>
    public required long UsualLineBytes { get; init; }

    /// <summary>The most branches that the header names.</summary>
    public required int Branches { get; init; }

    /// <summary>The most tags of a checkpoint.</summary>
    public required int Tags { get; init; }

    /// <summary>The most annotations of a checkpoint.</summary>
    public required int Annotations { get; init; }

    /// <summary>The most checkpoints that one requires.</summary>
    public required int Requires { get; init; }

    /// <summary>The most effects of a session.</summary>
    public required int Effects { get; init; }

    /// <summary>What the clock of the silo said when the import began.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The latest time that is taken.</summary>
    public DateTimeOffset Latest => Now + SessionDocument.ClockTolerance;

    /// <summary>True for a time that is so far ahead that it is told.</summary>
    public bool IsEarly(DateTimeOffset time) => time > Now + SessionDocument.ClockDifference;
}
