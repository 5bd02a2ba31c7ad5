using System.Text.Json.Serialization;
using Forge.Checkpoints;
using Forge.Documents.Json;
using Forge.Silo.Http;

namespace Forge.Silo.Checkpoints;

/// <summary>What became of pending writes.</summary>
/// <param name="Checkpoint">The checkpoint that they were put under.</param>
/// <param name="Items">Each, in the order in which they were given.</param>
/// <param name="Position">The position of their event; null if each was dropped.</param>
/// <param name="Chain">The chain value of that position in hexadecimal; null if there is no event.</param>
internal sealed record WritesAnswer(PointerAnswer Checkpoint, IReadOnlyList<WrittenAnswer> Items, long? Position, string? Chain)
{
    public static WritesAnswer Of(PutWrites change, WritesResult result) => new(
        PointerAnswer.Of(result.Checkpoint)!,
        [.. change.Writes.Zip(result.Outcomes, (write, outcome) => new WrittenAnswer(write.Task, write.Index, NameOf(outcome)))],
        result.Position,
        result.Chain);

    public static string NameOf(WriteOutcome outcome) => outcome switch
    {
        WriteOutcome.Written => "written",
        WriteOutcome.Replaced => "replaced",
        _ => "kept",
    };
}

/// <summary>What became of one pending write.</summary>
/// <param name="Task">The task.</param>
/// <param name="Index">Its place among the writes of its task.</param>
/// <param name="Outcome"><c>written</c>, <c>replaced</c>, or <c>kept</c>: an earlier one is there, and stays.</param>
internal sealed record WrittenAnswer(string Task, int Index, string Outcome);

/// <summary>A page of the pending writes of a checkpoint.</summary>
/// <param name="Checkpoint">The checkpoint.</param>
/// <param name="Items">The writes, by task and index.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
internal sealed record WritePageAnswer(PointerAnswer Checkpoint, IReadOnlyList<WriteAnswer> Items, string? Next)
{
    public static WritePageAnswer Of(WritePage page) =>
        new(PointerAnswer.Of(page.Checkpoint)!, [.. page.Items.Select(WriteAnswer.Of)], page.Next);
}

/// <summary>A pending write.</summary>
/// <param name="Task">The task.</param>
/// <param name="Index">Its place among the writes of its task.</param>
/// <param name="Name">What it is of.</param>
/// <param name="ContentType">The media type of the value.</param>
/// <param name="At">When it was written.</param>
internal sealed record WriteAnswer(string Task, int Index, string Name, string ContentType, DateTime At)
{
    /// <summary>The value, if it is JSON: the very bytes that were written.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RawJson? Value { get; init; }

    /// <summary>The value in base 64, if it is anything else.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReadOnlyMemory<byte>? ValueBase64 { get; init; }

    public static WriteAnswer Of(PendingWrite write)
    {
        var answer = new WriteAnswer(write.Task, write.Index, write.Name, write.ContentType, write.At.UtcDateTime);
        return JsonMediaType.Includes(write.ContentType) && JsonObjectReader.IsJson(write.Value.Span)
            ? answer with { Value = new RawJson(write.Value) }
            : answer with { ValueBase64 = write.Value };
    }
}
