using Forge.Checkpoints;
using Forge.Identity;

namespace Forge.Events;

/// <summary>
/// One event of a session's log, with all that is needed to show it. What does not apply to its kind is null. The checkpoint that an
/// event is of is named by its sequence; its created event, which comes before, has its id.
/// </summary>
[GenerateSerializer, Immutable, Alias("forge.log-event")]
public sealed record LogEvent
{
    /// <summary>
    /// The place in the session's log: 1, 2, 3 … in the order in which the changes took effect, without holes but for the positions before
    /// an <see cref="LogEventKind.Imported"/> event that its document left empty.
    /// </summary>
    [Id(0)]
    public required long Position { get; init; }

    /// <summary>What happened.</summary>
    [Id(1)]
    public required LogEventKind Kind { get; init; }

    /// <summary>When, UTC, in whole microseconds; of an imported checkpoint, when it was created.</summary>
    [Id(2)]
    public required DateTimeOffset At { get; init; }

    /// <summary>
    /// The chain value of the position, 64 hexadecimal digits in lower case; null if it was written before sessions were chained. With
    /// the position it is an anchor, unless it is of an imported checkpoint.
    /// </summary>
    [Id(3)]
    public string? Chain { get; init; }

    /// <summary>Created, restored, deleted, annotated, tagged, written: the sequence of the checkpoint.</summary>
    [Id(4)]
    public long? Sequence { get; init; }

    /// <summary>Created: the id of the checkpoint.</summary>
    [Id(5)]
    public CheckpointId? Id { get; init; }

    /// <summary>
    /// Created: the branch of the checkpoint, null if that is not known any more since it was removed. Restored: the branch that it became
    /// the current one of.
    /// </summary>
    [Id(6)]
    public string? Branch { get; init; }

    /// <summary>Created: the sequence of the parent; 0 for none.</summary>
    [Id(7)]
    public long? Parent { get; init; }

    /// <summary>Created: what the agent said of it; null if the checkpoint was removed since.</summary>
    [Id(8)]
    public string? Message { get; init; }

    /// <summary>
    /// Created: the tags that the checkpoint was created with, null if it was removed since. Tagged: those that it has from then on.
    /// </summary>
    [Id(9)]
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Tagged: the tags until then.</summary>
    [Id(10)]
    public IReadOnlyList<string>? TagsBefore { get; init; }

    /// <summary>Created: why the checkpoint was taken. Checkpoint missed: why it was due.</summary>
    [Id(11)]
    public CheckpointTrigger? Trigger { get; init; }

    /// <summary>Created: the length of the state in bytes, as it was saved.</summary>
    [Id(12)]
    public long? Size { get; init; }

    /// <summary>Created: the media type of the state; null if the checkpoint was removed since.</summary>
    [Id(13)]
    public string? ContentType { get; init; }

    /// <summary>Restored: the sequence of what was current before; null for nothing.</summary>
    [Id(14)]
    public long? Undo { get; init; }

    /// <summary>Annotated: how grave the note is.</summary>
    [Id(15)]
    public AnnotationSeverity? Severity { get; init; }

    /// <summary>Annotated: the note; null if its checkpoint was removed since.</summary>
    [Id(16)]
    public string? Text { get; init; }

    /// <summary>Claimed and released: the epoch of the claim. Imported: the newest epoch of the session, if the document raised it.</summary>
    [Id(17)]
    public long? Epoch { get; init; }

    /// <summary>Claimed and released: whose claim it is.</summary>
    [Id(18)]
    public string? Owner { get; init; }

    /// <summary>Claimed: when its lease runs out, UTC; null for no lease.</summary>
    [Id(19)]
    public DateTimeOffset? Until { get; init; }

    /// <summary>Forked: the checkpoint that the session was begun from.</summary>
    [Id(20)]
    public EventOrigin? Origin { get; init; }

    /// <summary>Compacted: how many checkpoints went.</summary>
    [Id(21)]
    public long? Deleted { get; init; }

    /// <summary>Compacted: how many stay; 0 after a clear.</summary>
    [Id(22)]
    public long? Remaining { get; init; }

    /// <summary>Imported: the least sequence that came.</summary>
    [Id(23)]
    public long? First { get; init; }

    /// <summary>Imported: the greatest sequence that came.</summary>
    [Id(24)]
    public long? Last { get; init; }

    /// <summary>Imported: how many checkpoints came. Effects imported: how many effects.</summary>
    [Id(25)]
    public long? Count { get; init; }

    /// <summary>Written: the pending writes that were put under the checkpoint, those that an earlier one kept out left out.</summary>
    [Id(40)]
    public IReadOnlyList<EventWrite>? Writes { get; init; }

    /// <summary>Of an effect: what happened to it.</summary>
    [Id(26)]
    public EventEffect? Effect { get; init; }

    /// <summary>Checkpoint missed: since when it was due, UTC.</summary>
    [Id(50)]
    public DateTimeOffset? DueSince { get; init; }

    /// <summary>Checkpoint missed: how many observers were told that it was due; 0 if nobody was.</summary>
    [Id(51)]
    public int? Told { get; init; }
}
