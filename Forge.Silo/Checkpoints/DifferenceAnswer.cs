using System.Text.Json.Serialization;
using Forge.Checkpoints;
using Forge.Silo.Http;

namespace Forge.Silo.Checkpoints;

/// <summary>What makes the state of one checkpoint of another's.</summary>
/// <param name="From">The checkpoint that the patch is applied to, without its state.</param>
/// <param name="To">The checkpoint whose state it makes.</param>
/// <param name="FirstDifference">The offset of the first byte that is not the same; null if all are.</param>
/// <param name="Coarse">True if a part is replaced whole because to find out more would have taken too long.</param>
internal sealed record DifferenceAnswer(CheckpointAnswer From, CheckpointAnswer To, int? FirstDifference, bool Coarse)
{
    /// <summary>The JSON Patch (RFC 6902), if both states are JSON.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RawJson? Patch { get; init; }

    /// <summary>The patch for people.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PatchSummaryAnswer? Summary { get; init; }

    /// <summary>Why there is no patch.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NotComparedAnswer? NotCompared { get; init; }

    public static DifferenceAnswer Of(CheckpointDifference difference) => new(
        CheckpointAnswer.Of(difference.From), CheckpointAnswer.Of(difference.To), difference.FirstDifference, difference.IsCoarse)
    {
        Patch = difference.Patch is { } patch ? new RawJson(patch) : null,
        Summary = difference.Summary is { } summary ? PatchSummaryAnswer.Of(summary) : null,
        NotCompared = difference.NotCompared is { } problem ? NotComparedAnswer.Of(problem) : null,
    };
}

/// <summary>A difference in short.</summary>
/// <param name="FirstDifference">The offset of the first byte that is not the same; null if all are.</param>
/// <param name="Summary">The patch for people; null if there is none.</param>
/// <param name="NotCompared">Why there is no patch.</param>
internal sealed record ShortDifferenceAnswer(
    int? FirstDifference,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PatchSummaryAnswer? Summary,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] NotComparedAnswer? NotCompared)
{
    public static ShortDifferenceAnswer Of(CheckpointDifference difference) => new(
        difference.FirstDifference,
        difference.Summary is { } summary ? PatchSummaryAnswer.Of(summary) : null,
        difference.NotCompared is { } problem ? NotComparedAnswer.Of(problem) : null);
}

/// <summary>A patch for people.</summary>
/// <param name="Added">How many values were added.</param>
/// <param name="Removed">How many were removed.</param>
/// <param name="Changed">How many were replaced.</param>
/// <param name="Moved">How many were moved.</param>
/// <param name="Entries">The first 100 of them.</param>
/// <param name="Rest">How many more there are.</param>
internal sealed record PatchSummaryAnswer(
    int Added, int Removed, int Changed, int Moved, IReadOnlyList<PatchedPathAnswer> Entries, int Rest)
{
    public static PatchSummaryAnswer Of(PatchSummary summary) => new(
        summary.Added, summary.Removed, summary.Changed, summary.Moved,
        [.. summary.Entries.Select(PatchedPathAnswer.Of)], summary.Rest);
}

/// <summary>A value that differs.</summary>
/// <param name="Kind">What became of it: <c>added</c>, <c>removed</c>, <c>changed</c> or <c>moved</c>.</param>
/// <param name="Path">Where it is, as a JSON pointer; of what was removed, where it was.</param>
/// <param name="From">Of what was moved, where it was.</param>
/// <param name="FromBytes">Its bytes in the earlier state; null if it was added.</param>
/// <param name="ToBytes">Its bytes in the later state; null if it was removed.</param>
internal sealed record PatchedPathAnswer(
    string Kind,
    string Path,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? From,
    int? FromBytes,
    int? ToBytes)
{
    public static PatchedPathAnswer Of(PatchedPath entry) => new(
        entry.Kind switch
        {
            PatchedPathKind.Added => "added",
            PatchedPathKind.Removed => "removed",
            PatchedPathKind.Moved => "moved",
            _ => "changed",
        },
        entry.Path, entry.From, entry.FromBytes, entry.ToBytes);
}

/// <summary>Why there is no patch.</summary>
/// <param name="Reason"><c>contentType</c>, <c>notJson</c>, <c>duplicateName</c> or <c>tooManyValues</c>.</param>
/// <param name="Problem">What it is, for a person.</param>
internal sealed record NotComparedAnswer(string Reason, string Problem)
{
    public static NotComparedAnswer Of(NotCompared problem) => new(
        problem.Reason switch
        {
            NotComparedReason.ContentType => "contentType",
            NotComparedReason.DuplicateName => "duplicateName",
            NotComparedReason.TooManyValues => "tooManyValues",
            _ => "notJson",
        },
        problem.Problem);
}
