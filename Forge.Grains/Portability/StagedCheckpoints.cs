using Forge.Checkpoints;
using Forge.History.Rows;

namespace Forge.Grains.Portability;

/// <summary>What an import staged for a session: one checkpoint at least.</summary>
/// <param name="Key">The key that the rows are staged under.</param>
/// <param name="FirstSequence">The least sequence.</param>
/// <param name="Last">The checkpoint of the greatest sequence.</param>
/// <param name="LastSequence">The greatest sequence that the exported session had given out.</param>
/// <param name="LastPosition">The position of the newest event that the exported session had.</param>
/// <param name="FirstCreatedAt">The earliest time of creation.</param>
/// <param name="LastCreatedAt">The latest time of creation.</param>
/// <param name="Current">What was current in the exported session, if that is among them; null if it is not, or nothing was current.</param>
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
    CheckpointPointer? Current,
    long Count,
    long Bytes,
    string? Settings,
    DateTimeOffset? SessionCreatedAt,
    byte[] Links,
    byte[]? DocumentChain)
{
    /// <summary>What the session was forked from, for a session that is new; null if it was not forked.</summary>
    public ForkLink? Origin { get; init; }
}
