namespace Forge.Portability;

/// <summary>
/// What an import changed in a document of the earlier single-process tool. The originals are kept: each imported
/// checkpoint has an annotation with the number, id, time, session and checksum that it had there.
/// </summary>
[GenerateSerializer, Immutable, Alias("forge.earlier-import-report")]
public sealed record EarlierImportReport
{
    /// <summary>The most entries of <see cref="Notes"/>.</summary>
    public const int MaxNotes = 100;

    /// <summary>The session that the document says it is of.</summary>
    [Id(0)]
    public required string Session { get; init; }

    /// <summary>
    /// True if the document's order was not kept: its numbers and its times both fall somewhere, so that its checkpoints
    /// were put in the order of number, time and place.
    /// </summary>
    [Id(1)]
    public bool Reordered { get; init; }

    /// <summary>How many checkpoints have another sequence than their number was.</summary>
    [Id(2)]
    public long Renumbered { get; init; }

    /// <summary>How many have another id, since theirs was no UUID or came before.</summary>
    [Id(3)]
    public long IdsReplaced { get; init; }

    /// <summary>How many have another time, since theirs was before the one of the checkpoint before, or in the future.</summary>
    [Id(4)]
    public long TimesAdjusted { get; init; }

    /// <summary>How many had no message, and have one made of their number.</summary>
    [Id(5)]
    public long MessagesReplaced { get; init; }

    /// <summary>How many named another session than the document does.</summary>
    [Id(6)]
    public long OtherSessions { get; init; }

    /// <summary>How many had no checksum.</summary>
    [Id(7)]
    public long ChecksumsAbsent { get; init; }

    /// <summary>How many had a checksum that is not the SHA-256 of their state. It was never more than a hint.</summary>
    [Id(8)]
    public long ChecksumsUnmatched { get; init; }

    /// <summary>Names of properties that Forge does not know and left out, at most 16.</summary>
    [Id(9)]
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>The first checkpoints of which something was changed, at most <see cref="MaxNotes"/>.</summary>
    [Id(10)]
    public IReadOnlyList<EarlierImportNote> Notes { get; init; } = [];
}

/// <summary>What was changed of one checkpoint.</summary>
/// <param name="Index">Its place in the document, from 0.</param>
/// <param name="Sequence">Its sequence now.</param>
/// <param name="Changed">What was changed or did not fit: some of <c>sequence_number</c>, <c>id</c>, <c>timestamp</c>,
/// <c>message</c>, <c>session_id</c>, <c>checksum</c>.</param>
[GenerateSerializer, Immutable, Alias("forge.earlier-import-note")]
public sealed record EarlierImportNote(
    [property: Id(0)] long Index, [property: Id(1)] long Sequence, [property: Id(2)] IReadOnlyList<string> Changed);
