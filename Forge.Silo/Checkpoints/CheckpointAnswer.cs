using System.Text.Json.Serialization;
using Forge.Checkpoints;
using Forge.Integrity;
using Forge.Sessions;
using Forge.Silo.Effects;
using Forge.Silo.Http;

namespace Forge.Silo.Checkpoints;

/// <summary>A checkpoint; with its state and annotations if it was asked for by itself.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Sequence">Its place in the session, from 1.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="Parent">The sequence it followed; null for none. It may be gone.</param>
/// <param name="KeptParent">The sequence of its nearest ancestor that is there, if it was read; null if none is known.</param>
/// <param name="Branch">The branch that it is on.</param>
/// <param name="Message">What the agent said of it.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="Trigger">Why it was taken.</param>
/// <param name="ContentType">The media type of the state.</param>
/// <param name="Size">The length of the state in bytes.</param>
/// <param name="Checksum">The SHA-256 of the state in hexadecimal.</param>
/// <param name="Position">The position of its creation in the session's log; null for one imported by an earlier version.</param>
/// <param name="Chain">The chain value of that position in hexadecimal; null if it is not chained.</param>
internal sealed record CheckpointAnswer(
    Guid Id,
    long Sequence,
    DateTime CreatedAt,
    long? Parent,
    long? KeptParent,
    string Branch,
    string Message,
    IReadOnlyList<string> Tags,
    string Trigger,
    string ContentType,
    int Size,
    string Checksum,
    long? Position,
    string? Chain)
{
    /// <summary>The sequences of what it requires, rising; left out if it requires nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<long>? Requires { get; init; }

    /// <summary>The notes, oldest first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<AnnotationAnswer>? Annotations { get; init; }

    /// <summary>The state, byte for byte as it was saved, if it is JSON.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RawJson? State { get; init; }

    /// <summary>The state in base 64, if it is not JSON.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReadOnlyMemory<byte>? StateBase64 { get; init; }

    /// <summary>How the state differs from one that the caller has, in its place.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StateDifferenceAnswer? Difference { get; init; }

    /// <summary>In the answer to a create, what became of each of its pending writes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Writes { get; init; }

    /// <summary>Why the state is not there, of a list with states.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DamageAnswer? Damage { get; init; }

    public static CheckpointAnswer Of(CheckpointSummary summary) => new(
        summary.Id.Value,
        summary.Sequence,
        summary.CreatedAt.UtcDateTime,
        summary.Parent,
        summary.KeptParent,
        summary.Branch,
        summary.Message,
        summary.Tags,
        summary.Trigger.ToName(),
        summary.ContentType,
        summary.Size,
        summary.Checksum,
        summary.Position == 0 ? null : summary.Position,
        summary.Chain)
    {
        Requires = summary.Requires.Count == 0 ? null : summary.Requires,
    };

    public static CheckpointAnswer Of(Checkpoint checkpoint)
    {
        var answer = Of(checkpoint.Summary) with { Annotations = [.. checkpoint.Annotations.Select(AnnotationAnswer.Of)] };
        return checkpoint.Difference is { } difference
            ? answer with { Difference = StateDifferenceAnswer.Of(difference, checkpoint.State) }
            : answer.With(checkpoint.State);
    }

    /// <summary>A checkpoint of a list with states.</summary>
    public static CheckpointAnswer Of(CheckpointSummary summary, ListedState listed) => listed.State is { } state
        ? Of(summary).With(state)
        : Of(summary) with { Damage = new DamageAnswer("state_corrupted", listed.Problem!) };

    /// <summary>The same with what became of the pending writes of its create; null for none.</summary>
    public CheckpointAnswer With(IReadOnlyList<WriteOutcome>? writes) =>
        writes is null ? this : this with { Writes = [.. writes.Select(WritesAnswer.NameOf)] };

    private CheckpointAnswer With(ReadOnlyMemory<byte> state) =>
        JsonMediaType.Includes(ContentType) && JsonObjectReader.IsJson(state.Span)
            ? this with { State = new RawJson(state) }
            : this with { StateBase64 = state };
}

/// <summary>Damage that is told of one item of a list.</summary>
/// <param name="Code">The code that it has as an error by itself.</param>
/// <param name="Problem">What does not fit.</param>
internal sealed record DamageAnswer(string Code, string Problem);

/// <summary>A note on a checkpoint.</summary>
/// <param name="Position">Its position in the session's log.</param>
/// <param name="At">When it was attached.</param>
/// <param name="Severity">How grave it is: <c>info</c>, <c>warning</c> or <c>critical</c>.</param>
/// <param name="Text">The note.</param>
internal sealed record AnnotationAnswer(long Position, DateTime At, string Severity, string Text)
{
    /// <summary>The chain value of the position in hexadecimal, in the answer to the change that attached it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Chain { get; init; }

    public static AnnotationAnswer Of(Annotation annotation) => new(
        annotation.Position, annotation.At.UtcDateTime, NameOf(annotation.Severity), annotation.Text)
    {
        Chain = annotation.Chain,
    };

    public static string NameOf(AnnotationSeverity severity) => severity switch
    {
        AnnotationSeverity.Warning => "warning",
        AnnotationSeverity.Critical => "critical",
        _ => "info",
    };
}

/// <summary>A checkpoint by both of its names.</summary>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Id">Its id.</param>
internal sealed record PointerAnswer(long Sequence, Guid Id)
{
    public static PointerAnswer? Of(CheckpointPointer? pointer) =>
        pointer is { } value ? new PointerAnswer(value.Sequence, value.Id.Value) : null;
}

/// <summary>A page of a list.</summary>
/// <param name="Items">The checkpoints, without their states unless they were asked for.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
internal sealed record PageAnswer(IReadOnlyList<CheckpointAnswer> Items, string? Next)
{
    public static PageAnswer Of(CheckpointPage page) => new(
        page.States is { } states
            ? [.. page.Items.Zip(states, CheckpointAnswer.Of)]
            : [.. page.Items.Select(CheckpointAnswer.Of)],
        page.Next);
}

/// <summary>A restore.</summary>
/// <param name="Checkpoint">What is current now, or would be, with its state; null in the answer to a repeat if it was removed since.</param>
/// <param name="Undo">What was current before; null for nothing.</param>
/// <param name="Position">The position of the restore in the session's log.</param>
/// <param name="Chain">The chain value of that position in hexadecimal.</param>
internal sealed record RestoreAnswer(CheckpointAnswer? Checkpoint, PointerAnswer? Undo, long? Position, string? Chain)
{
    /// <summary>The checkpoint that was saved in the same step.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CheckpointAnswer? Saved { get; init; }

    /// <summary>The effects that were begun since the checkpoint was there.</summary>
    public required EffectsAfterAnswer EffectsAfter { get; init; }

    /// <summary>Of a dry run, what the state that would be current differs in from the one that is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ShortDifferenceAnswer? Difference { get; init; }

    public static RestoreAnswer Of(RestoreResult result) => new(
        result.Checkpoint is { } checkpoint ? CheckpointAnswer.Of(checkpoint) : null,
        PointerAnswer.Of(result.Undo),
        result.Anchor?.Position,
        result.Anchor?.Chain)
    {
        Saved = result.Saved is { } saved ? CheckpointAnswer.Of(saved) : null,
        EffectsAfter = EffectsAfterAnswer.Of(result.EffectsAfter),
    };
}

/// <summary>The answer to an automatic create that was throttled: nothing was changed.</summary>
/// <param name="Taken">False.</param>
internal sealed record NotTakenAnswer(bool Taken);

/// <summary>A batch of creates, in their order.</summary>
/// <param name="Items">The checkpoint of each.</param>
internal sealed record BatchAnswer(IReadOnlyList<BatchItem> Items);

/// <summary>What became of one create of a batch.</summary>
/// <param name="Taken">False if it was throttled.</param>
/// <param name="Repeated">True if an earlier request had made it.</param>
/// <param name="Checkpoint">The checkpoint; null if none was taken.</param>
internal sealed record BatchItem(bool Taken, bool Repeated, CheckpointAnswer? Checkpoint);
