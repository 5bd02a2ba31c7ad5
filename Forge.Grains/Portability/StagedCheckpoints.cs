using Forge.Checkpoints;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Portability;

/// <summary>What an import staged for a session: one checkpoint at least.</summary>
/// <param name="Key">The key that the rows are staged under.</param>
/// <param name="FirstSequence">The least sequence.</param>
/// <param name="Last">The checkpoint of the greatest sequence.</param>
/// <param name="LastSequence">The greatest sequence that the exported session had given out.</param>
/// <param name="LastPosition">The position of the newest event that the exported session had.</param>
/// <param name="FirstCreatedAt">The earliest time of creation.</param>
/// <param name="LastCreatedAt">The latest time of creation.</param>
/// <param name="Lines">
/// Where each branch stands that they are on: its newest one of them, what was current on it in the exported session if that is among
/// them, and how many they are. Main's is there under its name if anything is to be said of it.
/// </param>
/// <param name="Count">How many.</param>
/// <param name="Bytes">The sum of their sizes as saved.</param>
/// <param name="Settings">The exported session's settings, for a session that is new.</param>
/// <param name="SessionCreatedAt">When the exported session was created, for a session that is new.</param>
/// <param name="Links">The last value of the chain over the staged rows.</param>
/// <param name="DocumentChain">The chain value that the document ends with; null if it has none.</param>
internal sealed record StagedCheckpoints(
    long Key,
    long FirstSequence,
    CheckpointPointer Last,
    long LastSequence,
    long LastPosition,
    DateTimeOffset FirstCreatedAt,
    DateTimeOffset LastCreatedAt,
    IReadOnlyDictionary<string, BranchLine> Lines,
    long Count,
    long Bytes,
    string? Settings,
    DateTimeOffset? SessionCreatedAt,
    byte[] Links,
    byte[]? DocumentChain)
{
    /// <summary>The newest epoch of the exported session; null if it was never claimed.</summary>
    public long? ClaimEpoch { get; init; }

    /// <summary>True if some of them require others.</summary>
    public bool Require { get; init; }

    /// <summary>The pending writes that are staged with them.</summary>
    public WriteIndex Writes { get; init; } = WriteIndex.Empty;

    /// <summary>The effects that come along; null for none.</summary>
    public StagedEffects? Effects { get; init; }

    /// <summary>What the session was forked from, for a session that is new; null if it was not forked.</summary>
    public ForkLink? Origin { get; init; }

    /// <summary>A session once they are its newest checkpoints, and the branches that stand elsewhere then.</summary>
    /// <param name="before">The session without them.</param>
    public (HeadRead After, IReadOnlyList<string?> Moved) StandIn(HeadRead before)
    {
        var (after, moved, isFirst) = (before, new List<string?>(), before.Head.LastSequence == 0);
        foreach (var (name, line) in Lines)
        {
            var branch = name == BranchNames.Main ? null : name;
            var stood = before.LineOf(branch);
            if (line.Count > 0 || isFirst)
            {
                after = after.With(branch, line with
                {
                    Current = isFirst ? line.Current : line.Head,
                    Count = stood.Count + line.Count,
                });
                moved.Add(branch);
            }
        }

        return (after, moved);
    }
}
