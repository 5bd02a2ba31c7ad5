using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Stores;

/// <summary>What stands at a position of a session's log, or at some of them that follow each other.</summary>
/// <param name="Position">The position, or the first.</param>
internal abstract record LogEntry(long Position)
{
    /// <summary>The last position, which is the only one but for a gap.</summary>
    public virtual long LastPosition => Position;
}

/// <summary>A checkpoint was created, or came with an import.</summary>
/// <param name="Position">The position.</param>
/// <param name="At">When.</param>
/// <param name="Id">Its id.</param>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Parent">Its parent's sequence; 0 for none.</param>
/// <param name="Trigger">Why it was taken.</param>
/// <param name="Size">The length of its state.</param>
/// <param name="IsThere">False if its row is gone, and this is all that is known of it.</param>
/// <param name="Chain">The chain value; null if it was written before sessions were chained.</param>
internal sealed record CreatedEntry(
    long Position,
    DateTimeOffset At,
    CheckpointId Id,
    long Sequence,
    long Parent,
    CheckpointTrigger Trigger,
    long Size,
    bool IsThere,
    byte[]? Chain) : LogEntry(Position)
{
    /// <summary>What else it said; null if its checkpoint is not visible any more.</summary>
    public CreatedText? Text { get; init; }

    /// <summary>The branch, main too; null if its row is gone.</summary>
    public string? Branch { get; init; }
}

/// <summary>What a visible checkpoint was created with.</summary>
/// <param name="Message">Its message.</param>
/// <param name="Tags">Its first tags.</param>
/// <param name="ContentType">The media type of its state.</param>
internal sealed record CreatedText(string Message, IReadOnlyList<string> Tags, string ContentType)
{
    /// <summary>True while the message is sealed.</summary>
    public bool IsSealed { get; init; }

    public static CreatedText Of(StoredCheckpoint row) => new(row.Message, row.FirstTags ?? row.Tags, row.ContentType);
}

/// <summary>Something else happened.</summary>
/// <param name="Event">What.</param>
internal abstract record EventEntry(SessionEvent Event) : LogEntry(Event.Position)
{
    /// <summary>What its detail says; null if it has none that can be read.</summary>
    public EventDetail? Detail => EventDetail.Read(Event.Detail);
}

/// <summary>A checkpoint became the current one.</summary>
internal sealed record RestoredEntry(SessionEvent Event) : EventEntry(Event);

/// <summary>A checkpoint was deleted.</summary>
internal sealed record DeletedEntry(SessionEvent Event) : EventEntry(Event);

/// <summary>Checkpoints were removed by a policy.</summary>
internal sealed record CompactedEntry(SessionEvent Event) : EventEntry(Event);

/// <summary>A note was attached to a checkpoint.</summary>
internal sealed record AnnotatedEntry(SessionEvent Event) : EventEntry(Event)
{
    /// <summary>The note; null if its checkpoint is not visible any more, or if it was not read.</summary>
    public string? Text { get; init; }
}

/// <summary>The tags of a checkpoint were changed.</summary>
internal sealed record TaggedEntry(SessionEvent Event) : EventEntry(Event);

/// <summary>Pending writes were put under a checkpoint.</summary>
internal sealed record WrittenEntry(SessionEvent Event) : EventEntry(Event)
{
    /// <summary>True if its checkpoint is known not to be visible any more: what its writes are called is not told.</summary>
    public bool IsHidden { get; init; }
}

/// <summary>The session was forked: it was begun from a checkpoint of another one.</summary>
internal sealed record ForkedEntry(SessionEvent Event) : EventEntry(Event);

/// <summary>Checkpoints came from a document; they stand before this.</summary>
internal sealed record ImportedEntry(SessionEvent Event) : EventEntry(Event);

/// <summary>Somebody claimed the session.</summary>
internal sealed record ClaimedEntry(SessionEvent Event) : EventEntry(Event);

/// <summary>Somebody who had claimed the session gave it free.</summary>
internal sealed record ReleasedEntry(SessionEvent Event) : EventEntry(Event);

/// <summary>The session, which had been deleted, lives again.</summary>
internal sealed record RevivedEntry(SessionEvent Event) : EventEntry(Event);

/// <summary>An event of a kind that this version does not know, or that is damaged.</summary>
internal sealed record OtherEntry(SessionEvent Event) : EventEntry(Event);

/// <summary>Positions of which nothing is kept.</summary>
/// <param name="Position">The first.</param>
/// <param name="Last">The last.</param>
/// <param name="Run">Their record; null if there never was anything: before an import, where positions may stay empty.</param>
internal sealed record GapEntry(long Position, long Last, RemovedRun? Run) : LogEntry(Position)
{
    public override long LastPosition => Last;
}
