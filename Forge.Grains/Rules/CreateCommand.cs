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

    /// <summary>What it requires, without repeats; null for nothing.</summary>
    public IReadOnlyList<RequiredReference>? Requires { get; init; }

    /// <summary>The pending writes that it brings; null for none.</summary>
    public IReadOnlyList<WriteCommand>? Writes { get; init; }

    /// <summary>The line before it in its batch that it puts them under; null if that is none of them.</summary>
    public int? WritesLine { get; init; }

    /// <summary>Where it is in its caller's trace, as it is kept; null for nowhere. No part of what a repeat must have the same.</summary>
    public byte[]? Trace { get; init; }

    /// <summary>A field of it, as errors name it.</summary>
    public string FieldOf(string name) => Line is { } line ? $"checkpoints[{line}].{name}" : name;

    /// <summary>The row that it makes, as yet without its chain value.</summary>
    /// <param name="sequence">Its sequence.</param>
    /// <param name="createdAt">When it is created, in whole microseconds.</param>
    /// <param name="position">The position of its created event.</param>
    /// <param name="parent">The parent's sequence; 0 for none.</param>
    /// <param name="requires">The sequences that it requires, as <see cref="RequiredText"/>; null for nothing.</param>
    public StoredCheckpoint ToRow(long sequence, DateTimeOffset createdAt, long position, long parent, string? requires = null)
    {
        var row = StoredCheckpoint.Of(Input, Checksum, sequence, createdAt, position, parent, requires);
        return Trace is null ? row : row with { Trace = Trace };
    }

    /// <summary>How this differs from the create that had its id; null if it is the same request.</summary>
    /// <param name="earlier">The create that had its id.</param>
    /// <param name="before">The creates that had the ids of the lines before it in its batch.</param>
    public string? DifferenceFrom(EarlierCreate earlier, IReadOnlyList<EarlierCreate> before) =>
        CreateDigests.Of(RowOf(earlier)).DifferenceFrom(earlier.Digests)
        ?? (!MayHaveHadParent(earlier.Parent, ParentLine is { } line ? before[line] : null) ? "parent"
            : !MayHaveRequired(RequiredText.Read(earlier.Requires), before) ? "requires"
            : null);

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

    /// <summary>
    /// False if what was required is nothing that a create can have required that names what this one does. What an id named cannot be told
    /// any more, but that it was one of them, and may have been one that is named by its sequence too.
    /// </summary>
    private bool MayHaveRequired(IReadOnlyList<long> required, IReadOnlyList<EarlierCreate> before)
    {
        if (Requires is null || required.Count == 0)
        {
            return Requires is null && required.Count == 0;
        }

        var (known, ids) = (new HashSet<long>(), 0);
        foreach (var (reference, line) in Requires)
        {
            if (line is { } place)
            {
                known.Add(before[place].Sequence);
            }
            else if (reference.Sequence > 0)
            {
                known.Add(reference.Sequence);
            }
            else
            {
                ids++;
            }
        }

        return known.IsSubsetOf(required) && required.Count - known.Count <= ids;
    }

    private StoredCheckpoint RowOf(EarlierCreate first) =>
        ToRow(first.Sequence, first.CreatedAt, first.Position, first.Parent, first.Requires);
}
