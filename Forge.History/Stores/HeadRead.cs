using System.Collections.Immutable;
using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Stores;

/// <summary>A head row and what else an activation needs to know of it.</summary>
/// <param name="Head">The row.</param>
/// <param name="HeadId">The id of the head of main; empty for none.</param>
/// <param name="CurrentId">The id of the current checkpoint of main; empty for none.</param>
internal sealed record HeadRead(SessionHead Head, CheckpointId HeadId, CheckpointId CurrentId)
{
    /// <summary>The branches of a session that has none but main.</summary>
    public static readonly ImmutableSortedDictionary<string, BranchLine> NoBranches =
        ImmutableSortedDictionary.Create<string, BranchLine>(StringComparer.Ordinal);

    /// <summary>The branches but main, by their names, compared ordinally. A list of sessions does not read them.</summary>
    public ImmutableSortedDictionary<string, BranchLine> Branches { get; init; } = NoBranches;

    /// <summary>
    /// The pending writes of the visible checkpoints. An activation reads them as it begins, if the head row counts any; whoever reads a head
    /// row for something else does without.
    /// </summary>
    public WriteIndex Writes { get; init; } = WriteIndex.Empty;

    /// <summary>The same with other pending writes, which the head row counts.</summary>
    public HeadRead With(WriteIndex writes) => ReferenceEquals(writes, Writes) && (Head.WriteCount ?? 0) == writes.Count ? this : this with
    {
        Writes = writes,
        Head = Head with { WriteCount = writes.Count, WriteBytes = writes.Bytes },
    };

    /// <summary>How many checkpoints of main are visible.</summary>
    public long MainCount => Head.Count - Branches.Values.Sum(line => line.Count);

    /// <summary>The sequences of the heads of all branches, and 0 if main has none.</summary>
    public IReadOnlySet<long> Heads => Branches.Values.Select(line => line.Head.Sequence).Append(Head.Head).ToHashSet();

    /// <summary>The sequences of the current checkpoints of all branches, and 0 if one has none.</summary>
    public IReadOnlySet<long> Currents => Branches.Values.Select(line => line.Current.Sequence).Append(Head.Current).ToHashSet();

    /// <summary>Where a branch stands; nowhere if there is none of the name. The count of main is not told.</summary>
    /// <param name="branch">The branch; null for main.</param>
    public BranchLine LineOf(string? branch) => branch is null
        ? new(new(Head.Head, HeadId), new(Head.Current, CurrentId), 0)
        : Branches.GetValueOrDefault(branch);

    /// <summary>True if a checkpoint is the current one of a branch.</summary>
    public bool IsCurrent(long sequence) =>
        Head.Current == sequence || (Branches.Count > 0 && Branches.Values.Any(line => line.Current.Sequence == sequence));

    /// <summary>The same with another checkpoint current wherever one is, and the branches where it is.</summary>
    /// <param name="current">The sequence of the one.</param>
    /// <param name="other">The other.</param>
    public (HeadRead After, IReadOnlyList<string?> Branches) Replace(long current, CheckpointPointer other)
    {
        var (after, changed) = (this, new List<string?>());
        foreach (var branch in Branches.Keys.Prepend(null))
        {
            if (LineOf(branch) is var line && line.Current.Sequence == current)
            {
                after = after.With(branch, line with { Current = other });
                changed.Add(branch);
            }
        }

        return (after, changed);
    }

    /// <summary>The same with a branch that stands elsewhere. One without checkpoints is no more.</summary>
    /// <param name="branch">The branch; null for main.</param>
    /// <param name="line">Where it stands; the count of main is not looked at.</param>
    public HeadRead With(string? branch, BranchLine line) =>
        branch is null ? this with
        {
            Head = Head with { Head = line.Head.Sequence, Current = line.Current.Sequence },
            HeadId = line.Head.Id,
            CurrentId = line.Current.Id,
        }
        : this with { Branches = line.Count == 0 ? Branches.Remove(branch) : Branches.SetItem(branch, line) };
}

/// <summary>Where a branch stands.</summary>
/// <param name="Head">Its newest visible checkpoint; sequence 0 for none.</param>
/// <param name="Current">The parent of its next checkpoint; sequence 0 for none.</param>
/// <param name="Count">How many of its checkpoints are visible.</param>
internal readonly record struct BranchLine(CheckpointPointer Head, CheckpointPointer Current, long Count)
{
    /// <summary>The change that has a branch of a session stand here.</summary>
    public BranchMoved Moves(SessionAddress address, string branch) => new(new SessionBranch(
        branch, Head.Sequence, Current.Sequence, Count, RowSeal.OfBranch(address, branch, Head.Sequence, Current.Sequence, Count)));
}
