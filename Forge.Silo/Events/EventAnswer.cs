using System.Text.Json.Serialization;
using Forge.Checkpoints;
using Forge.Effects;
using Forge.Events;
using Forge.Silo.Checkpoints;

namespace Forge.Silo.Events;

/// <summary>An event of a session's log. What does not apply to its kind is left out.</summary>
/// <param name="Position">Its position.</param>
/// <param name="Kind">What happened.</param>
/// <param name="At">When.</param>
internal sealed record EventAnswer(long Position, string Kind, DateTime At)
{
    /// <summary>The sequence of the checkpoint that it is of.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Sequence { get; init; }

    /// <summary>Created: the id of the checkpoint.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? Id { get; init; }

    /// <summary>Created: the branch, if it is known. Restored: the branch that the checkpoint became the current one of.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Branch { get; init; }

    /// <summary>Created: the sequence of the parent; left out for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Parent { get; init; }

    /// <summary>Created: the message; left out if the checkpoint was removed since.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Message { get; init; }

    /// <summary>Created: the first tags, left out if the checkpoint was removed since. Tagged: the tags from then on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Tagged: the tags until then.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? TagsBefore { get; init; }

    /// <summary>Created: why the checkpoint was taken. Checkpoint missed: why it was due.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Trigger { get; init; }

    /// <summary>Created: the length of the state in bytes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Size { get; init; }

    /// <summary>Created: the media type of the state; left out if the checkpoint was removed since.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ContentType { get; init; }

    /// <summary>Restored: the sequence of what was current before; left out for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Undo { get; init; }

    /// <summary>Annotated: how grave the note is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Severity { get; init; }

    /// <summary>Annotated: the note; left out if its checkpoint was removed since.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>Claimed and released: the epoch of the claim. Imported: the newest epoch, if the document raised it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Epoch { get; init; }

    /// <summary>Claimed and released: whose claim it is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Owner { get; init; }

    /// <summary>Claimed: when its lease runs out; left out for no lease.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTime? Until { get; init; }

    /// <summary>Forked: the checkpoint that the session was begun from.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EventOriginAnswer? Origin { get; init; }

    /// <summary>Compacted: how many checkpoints went.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Deleted { get; init; }

    /// <summary>Compacted: how many stay; 0 after a clear.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Remaining { get; init; }

    /// <summary>Imported: the least sequence that came.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? First { get; init; }

    /// <summary>Imported: the greatest sequence that came.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Last { get; init; }

    /// <summary>Imported: how many checkpoints came. Effects imported: how many effects.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Count { get; init; }

    /// <summary>Written: the pending writes that were put under the checkpoint, without their values.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<EventWriteAnswer>? Writes { get; init; }

    /// <summary>Of an effect: what happened to it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EventEffectAnswer? Effect { get; init; }

    /// <summary>Checkpoint missed: since when it was due.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTime? DueSince { get; init; }

    /// <summary>Checkpoint missed: how many observers were told that it was due.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Told { get; init; }

    /// <summary>The chain value of the position in hexadecimal; left out if it is not chained.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Chain { get; init; }

    public static EventAnswer Of(LogEvent happened) => new(happened.Position, happened.Kind.ToName(), happened.At.UtcDateTime)
    {
        Sequence = happened.Sequence,
        Id = happened.Id?.Value,
        Branch = happened.Branch,
        Parent = happened.Parent is > 0 and var parent ? parent : null,
        Message = happened.Message,
        Tags = happened.Tags,
        TagsBefore = happened.TagsBefore,
        Trigger = happened.Trigger?.ToName(),
        Size = happened.Size,
        ContentType = happened.ContentType,
        Undo = happened.Undo,
        Severity = happened.Severity is { } severity ? AnnotationAnswer.NameOf(severity) : null,
        Text = happened.Text,
        Epoch = happened.Epoch,
        Owner = happened.Owner,
        Until = happened.Until?.UtcDateTime,
        Origin = happened.Origin is { } origin ? EventOriginAnswer.Of(origin) : null,
        Deleted = happened.Deleted,
        Remaining = happened.Remaining,
        First = happened.First,
        Last = happened.Last,
        Count = happened.Count,
        Writes = happened.Writes is { } writes ? [.. writes.Select(w => new EventWriteAnswer(w.Task, w.Index, w.Name, w.Size))] : null,
        Effect = happened.Effect is { } effect ? EventEffectAnswer.Of(effect) : null,
        DueSince = happened.DueSince?.UtcDateTime,
        Told = happened.Told,
        Chain = happened.Chain,
    };
}

/// <summary>A pending write as its event tells of it.</summary>
/// <param name="Task">The task.</param>
/// <param name="Index">Its place among the writes of its task.</param>
/// <param name="Name">What it is of.</param>
/// <param name="Size">The length of its value in bytes.</param>
internal sealed record EventWriteAnswer(string Task, int Index, string Name, int Size);

/// <summary>What happened to an effect.</summary>
/// <param name="Key">The effect.</param>
/// <param name="Class">How it may be repeated.</param>
/// <param name="Epoch">The run that it happened to.</param>
/// <param name="Verdict">What was said of the run; null if it was begun.</param>
/// <param name="By">Who resolved it; null if nobody did.</param>
/// <param name="Reason">Why; null if nobody said so.</param>
/// <param name="RequestSha256">The SHA-256 of the request in hexadecimal; null but of a begin.</param>
/// <param name="ResultSha256">The SHA-256 of the result in hexadecimal; null for none.</param>
internal sealed record EventEffectAnswer(
    string Key, string Class, long Epoch, string? Verdict, string? By, string? Reason, string? RequestSha256, string? ResultSha256)
{
    public static EventEffectAnswer Of(EventEffect effect) => new(
        effect.Key,
        effect.Class.ToName(),
        effect.EffectEpoch,
        effect.Verdict?.ToName(),
        effect.By,
        effect.Reason,
        effect.RequestSha256,
        effect.ResultSha256);
}

/// <summary>The checkpoint that a session was begun from.</summary>
/// <param name="Session">Its session.</param>
/// <param name="Sequence">Its sequence there.</param>
/// <param name="Id">Its id there.</param>
/// <param name="Chain">Its chain value there in hexadecimal; null if it had none.</param>
internal sealed record EventOriginAnswer(string Session, long Sequence, Guid Id, string? Chain)
{
    public static EventOriginAnswer Of(EventOrigin origin) => new(origin.Session.Value, origin.Sequence, origin.Id.Value, origin.Chain);
}

/// <summary>A page of a session's log.</summary>
/// <param name="Items">The events, by rising position.</param>
/// <param name="Next">The position to go on after; null if there was no more.</param>
/// <param name="Last">The newest position of the session; 0 for a session that does not exist.</param>
internal sealed record EventPageAnswer(IReadOnlyList<EventAnswer> Items, long? Next, long Last)
{
    public static EventPageAnswer Of(EventPage page) => new([.. page.Items.Select(EventAnswer.Of)], page.Next, page.Last);
}
