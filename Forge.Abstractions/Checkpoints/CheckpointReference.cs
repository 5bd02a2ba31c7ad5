using System.Globalization;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Checkpoints;

/// <summary>How a caller names a checkpoint of a session: by its id, by its sequence number, or as the latest or the current one.</summary>
[GenerateSerializer, Immutable, Alias("forge.checkpoint-reference")]
public readonly record struct CheckpointReference
{
    // What is named neither by its id nor by its sequence has a number of its own below 1. A silo that does not know such a number
    // finds nothing under it and refuses; another property it would pass over, and take the latest.
    private const long CurrentNumber = -1;
    private const long NoneNumber = -2;
    private const long LatestOfNumber = -3;
    private const long CurrentOfNumber = -4;

    private CheckpointReference(CheckpointId id, long sequence, string? branch = null) => (Id, Sequence, Branch) = (id, sequence, branch);

    /// <summary>
    /// The head of a branch: as the parent of a create of that of the create, anywhere else of <see cref="BranchNames.Main"/>. This is also
    /// what <c>default</c> means.
    /// </summary>
    public static CheckpointReference Latest => default;

    /// <summary>
    /// The current checkpoint of a branch, which is told as by <see cref="Latest"/>: the parent of the next one that does not name another. It is the newest created or the one
    /// last restored; if that was deleted, its nearest ancestor that is there, and nothing if none is.
    /// </summary>
    public static CheckpointReference Current => new(default, CurrentNumber);

    /// <summary>No checkpoint. As a parent it makes a root; anywhere else there is nothing that it names.</summary>
    public static CheckpointReference None => new(default, NoneNumber);

    /// <summary>The id; empty if the checkpoint is not named by its id.</summary>
    [Id(0)]
    public CheckpointId Id { get; }

    /// <summary>The sequence, from 1; less if the checkpoint is not named by its sequence.</summary>
    [Id(1)]
    public long Sequence { get; }

    /// <summary>The branch whose head or current checkpoint is meant; null if none is named.</summary>
    [Id(2)]
    public string? Branch { get; }

    /// <summary>The same, but null for main too.</summary>
    internal string? OtherBranch => Branch == BranchNames.Main ? null : Branch;

    /// <summary>True if the head of a branch is meant.</summary>
    public bool IsLatest => Id.IsEmpty && Sequence is 0 or LatestOfNumber;

    /// <summary>True if the current checkpoint of a branch is meant.</summary>
    public bool IsCurrent => Sequence is CurrentNumber or CurrentOfNumber;

    /// <summary>True if no checkpoint is meant.</summary>
    public bool IsNone => Sequence == NoneNumber;

    /// <summary>The head of a branch.</summary>
    /// <param name="branch">The branch; null to name none.</param>
    /// <exception cref="InvalidRequestException">It is not the name of a branch.</exception>
    public static CheckpointReference LatestOf(string? branch) =>
        Checked(branch) is { } name ? new(default, LatestOfNumber, name) : Latest;

    /// <summary>The current checkpoint of a branch.</summary>
    /// <param name="branch">The branch; null to name none.</param>
    /// <exception cref="InvalidRequestException">It is not the name of a branch.</exception>
    public static CheckpointReference CurrentOf(string? branch) =>
        Checked(branch) is { } name ? new(default, CurrentOfNumber, name) : Current;

    /// <summary>Names a checkpoint by its id.</summary>
    /// <exception cref="InvalidRequestException">The id is empty.</exception>
    public static CheckpointReference ById(CheckpointId id) =>
        id.IsEmpty ? throw new InvalidRequestException("checkpoint", "must not be the nil UUID") : new(id, 0);

    /// <summary>Names a checkpoint by its sequence.</summary>
    /// <exception cref="InvalidRequestException">The sequence is less than 1.</exception>
    public static CheckpointReference BySequence(long sequence) =>
        sequence < 1 ? throw new InvalidRequestException("checkpoint", "must be a sequence from 1") : new(default, sequence);

    /// <summary>Reads an id, a sequence number, <c>latest</c> or <c>current</c>.</summary>
    /// <param name="value">The text.</param>
    /// <param name="branch">The branch whose latest or current one is meant; null for main.</param>
    /// <exception cref="InvalidRequestException">The text is none of these, or the branch is not the name of one.</exception>
    public static CheckpointReference Parse(string value, string? branch = null) =>
        value == "latest" ? LatestOf(branch)
        : value == "current" ? CurrentOf(branch)
        : long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? BySequence(sequence)
        : CheckpointId.TryParse(value, out var id) ? ById(id)
        : throw new InvalidRequestException("checkpoint", "must be an id, a sequence number, 'latest' or 'current'");

    /// <summary>An id as a reference.</summary>
    public static implicit operator CheckpointReference(CheckpointId id) => ById(id);

    /// <summary>A sequence as a reference.</summary>
    public static implicit operator CheckpointReference(long sequence) => BySequence(sequence);

    /// <inheritdoc/>
    public override string ToString() =>
        IsLatest ? "latest" + Of : IsCurrent ? "current" + Of : IsNone ? "none" : Sequence > 0 ? Sequence.ToString(CultureInfo.InvariantCulture) : Id.ToString();

    private string Of => Branch is null ? "" : $" of branch {Branch}";

    private static string? Checked(string? branch) => branch is null ? null : BranchNames.Require(branch);
}
