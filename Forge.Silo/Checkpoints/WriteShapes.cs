using Forge.Checkpoints;
using Forge.Errors;
using Forge.Silo.Http;

namespace Forge.Silo.Checkpoints;

/// <summary>A pending write in JSON, of which it is not known yet whether it has all that it must have.</summary>
internal sealed record NewWriteDraft
{
    private const string Bytes = "application/octet-stream";

    /// <summary>More than any silo takes are not read.</summary>
    private const int MostRead = 10_000;

    public static JsonShape<NewWriteDraft> Shape { get; } = new JsonShape<NewWriteDraft> { Limit = limits => limits.Writes }
        .Required("task", JsonKind.Text, "The task.", (draft, task) => draft with { Task = task })
        .Optional(
            "index", JsonKind.Integer, "Its place among the writes of its task, -1,024 to 65,535; 0 if nothing is said.",
            (draft, index) => draft with { Index = index ?? 0 })
        .Required("name", JsonKind.Text, "What it is of.", (draft, name) => draft with { Name = name })
        .Optional(
            "value", JsonKind.Raw, "The value: any JSON, kept byte for byte as it is sent.", (draft, value) => draft with { Value = value })
        .Optional(
            "valueBase64", JsonKind.Base64, "The value in base 64, in place of value.", (draft, bytes) => draft with { ValueBase64 = bytes })
        .Optional(
            "contentType", JsonKind.Text with { Query = null },
            "The media type of the value; that of JSON, or of plain bytes for base 64, if nothing is said.",
            (draft, type) => draft with { ContentType = type })
        .Optional(
            "mode", JsonKind.TextOf(ParseMode), "first (the default): one that is there stays. replace: it takes its place.",
            (draft, mode) => draft with { Mode = mode });

    /// <summary>Several of them.</summary>
    public static JsonKind<IReadOnlyList<NewWriteDraft>> Kind { get; } = JsonKind.Objects(Shape, new NewWriteDraft(), MostRead);

    /// <summary>The body of a change.</summary>
    public static JsonShape<PutWrites> Body { get; } = new JsonShape<PutWrites> { Limit = limits => limits.Writes }
        .Required(
            "writes", Kind!, "The writes, no two with the same task and index.",
            (input, writes) => input with { Writes = ToWrites(writes) });

    public string Task { get; init; } = "";

    public long Index { get; init; }

    public string Name { get; init; } = "";

    public ReadOnlyMemory<byte>? Value { get; init; }

    public byte[]? ValueBase64 { get; init; }

    public string? ContentType { get; init; }

    public WriteMode Mode { get; init; }

    /// <summary>The writes.</summary>
    /// <param name="drafts">What was read of them.</param>
    /// <param name="path">What goes before the names of properties in errors.</param>
    /// <exception cref="InvalidRequestException">One has no value, or two, or an index that none can have.</exception>
    public static IReadOnlyList<NewWrite> ToWrites(IReadOnlyList<NewWriteDraft> drafts, string path = "") =>
        [.. drafts.Select((draft, i) => draft.ToWrite($"{path}writes[{i}]."))];

    private NewWrite ToWrite(string path) =>
        Value is null == ValueBase64 is null
            ? throw new InvalidRequestException($"{path}value", "must be given once, as value or as valueBase64")
        : Index is < NewWrite.MinIndex or > NewWrite.MaxIndex
            ? throw new InvalidRequestException($"{path}index", $"must be from {NewWrite.MinIndex} to {NewWrite.MaxIndex}")
        : new NewWrite
        {
            Task = Task,
            Index = (int)Index,
            Name = Name,
            Value = Value ?? ValueBase64,
            ContentType = ContentType ?? (ValueBase64 is null ? NewCheckpoint.DefaultContentType : Bytes),
            Mode = Mode,
        };

    private static WriteMode ParseMode(string field, string? name) => name switch
    {
        null or "first" => WriteMode.First,
        "replace" => WriteMode.Replace,
        _ => throw new InvalidRequestException(field, "must be first or replace"),
    };
}
