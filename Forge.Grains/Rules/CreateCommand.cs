using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.Grains.Rules;

/// <summary>A create whose values were checked against the limits, with its id and the SHA-256 of its state.</summary>
/// <param name="Input">
/// What the caller gave, with its id made if there was none, and without repeated tags. It is no first attempt if an earlier one may
/// have taken effect.
/// </param>
/// <param name="Checksum">The SHA-256 of the state.</param>
internal sealed record CreateCommand(NewCheckpoint Input, byte[] Checksum)
{
    public CheckpointId Id => Input.Id;

    /// <summary>Its place in its batch, from 0; null if it was sent alone.</summary>
    public int? Line { get; init; }

    /// <summary>The line before it in its batch that it names as its parent; null if it names none of them.</summary>
    public int? ParentLine { get; init; }

    /// <summary>A field of it, as errors name it.</summary>
    public string FieldOf(string name) => Line is { } line ? $"checkpoints[{line}].{name}" : name;

    /// <summary>The row that it makes, as yet without its chain value.</summary>
    /// <param name="sequence">Its sequence.</param>
    /// <param name="createdAt">When it is created, in whole microseconds.</param>
    /// <param name="position">The position of its created event.</param>
    /// <param name="parent">The parent's sequence; 0 for none.</param>
    public StoredCheckpoint ToRow(long sequence, DateTimeOffset createdAt, long position, long parent) =>
        StoredCheckpoint.Of(Input, Checksum, sequence, createdAt, position, parent);

    /// <summary>How this differs from the create that had its id; null if it is the same request.</summary>
    /// <param name="earlier">The create that had its id.</param>
    /// <param name="parent">The create that had the id of the line it names as its parent; null if it names none.</param>
    public string? DifferenceFrom(EarlierCreate earlier, EarlierCreate? parent) =>
        CreateDigests.Of(RowOf(earlier)).DifferenceFrom(earlier.Digests)
        ?? (MayHaveHadParent(earlier.Parent, parent) ? null : "parent");

    /// <summary>What the first attempt was answered with.</summary>
    /// <param name="first">The first attempt, from which this does not differ.</param>
    public CheckpointSummary AnswerOf(EarlierCreate first) => RowOf(first).ToSummary() with { Chain = first.Chain };

    /// <summary>
    /// False if a parent is none that a create that named it as this one does can have had. What an id named, or what was the latest
    /// or the current one then, cannot be told any more, but that it was a checkpoint.
    /// </summary>
    private bool MayHaveHadParent(long had, EarlierCreate? line) => Input.Parent switch
    {
        null or { IsLatest: true } or { IsCurrent: true } => true,
        { IsNone: true } => had == 0,
        { Sequence: > 0 and var sequence } => had == sequence,
        _ => line is null ? had != 0 : had == line.Sequence,
    };

    private StoredCheckpoint RowOf(EarlierCreate first) => ToRow(first.Sequence, first.CreatedAt, first.Position, first.Parent);
}
