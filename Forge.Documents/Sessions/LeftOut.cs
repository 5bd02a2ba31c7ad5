namespace Forge.Documents.Sessions;

/// <summary>What a document lacks that its session has, since it is damaged.</summary>
/// <param name="Count">How many checkpoints.</param>
/// <param name="Checkpoints">The first of them whose rows are there, at most <see cref="MaxCheckpoints"/>.</param>
internal sealed record LeftOut(long Count, IReadOnlyList<LeftOutCheckpoint> Checkpoints)
{
    public const int MaxCheckpoints = 1000;
}

/// <summary>A checkpoint that was left out.</summary>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Problem">What is damaged.</param>
internal sealed record LeftOutCheckpoint(long Sequence, string Problem);
