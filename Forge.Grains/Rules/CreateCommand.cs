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

    /// <summary>The row that it makes, as yet without its chain value.</summary>
    /// <param name="sequence">Its sequence.</param>
    /// <param name="createdAt">When it is created, in whole microseconds.</param>
    /// <param name="position">The position of its created event.</param>
    /// <param name="parent">The parent's sequence; 0 for none.</param>
    public StoredCheckpoint ToRow(long sequence, DateTimeOffset createdAt, long position, long parent) =>
        StoredCheckpoint.Of(Input, Checksum, sequence, createdAt, position, parent);

    /// <summary>How this differs from the create that had its id; null if it is the same request.</summary>
    public string? DifferenceFrom(EarlierCreate earlier) =>
        CreateDigests.Of(RowOf(earlier)).DifferenceFrom(earlier.Digests)
        ?? (Input.Parent is { Sequence: > 0 } parent && parent.Sequence != earlier.Parent ? "parent" : null);

    /// <summary>What the first attempt was answered with.</summary>
    /// <param name="first">The first attempt, from which this does not differ.</param>
    public CheckpointSummary AnswerOf(EarlierCreate first) => RowOf(first).ToSummary() with { Chain = first.Chain };

    private StoredCheckpoint RowOf(EarlierCreate first) => ToRow(first.Sequence, first.CreatedAt, first.Position, first.Parent);
}
