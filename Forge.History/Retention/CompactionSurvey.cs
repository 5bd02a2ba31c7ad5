namespace Forge.History.Retention;

/// <summary>What a retention policy keeps of the checkpoints that are visible.</summary>
/// <param name="LastSequence">The head row's last sequence.</param>
/// <param name="Count">How many checkpoints were visible.</param>
/// <param name="StoredBytes">The sum of their stored sizes.</param>
/// <param name="Bytes">The sum of their sizes as saved.</param>
/// <param name="Survivors">Those that stay, by falling sequence.</param>
internal sealed record CompactionSurvey(
    long LastSequence, long Count, long StoredBytes, long Bytes, IReadOnlyList<Survivor> Survivors);

/// <summary>A checkpoint that stays.</summary>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Parent">Its parent's sequence; 0 for none.</param>
/// <param name="Size">Its size as saved.</param>
/// <param name="StoredSize">Its size as stored.</param>
/// <param name="Reasons">Every reason for it to stay.</param>
/// <param name="IsTrunk">True if a child of it goes.</param>
internal readonly record struct Survivor(
    long Sequence, long Parent, int Size, int StoredSize, SurvivalReasons Reasons, bool IsTrunk);

[Flags]
internal enum SurvivalReasons
{
    /// <summary>It is one of the newest that the policy keeps.</summary>
    Recent = 1,

    /// <summary>It has one of the policy's tags.</summary>
    Tagged = 2,

    /// <summary>It is younger than the policy's age.</summary>
    Young = 4,

    /// <summary>No visible checkpoint has it as parent, and none was compacted away that had.</summary>
    Tip = 8,

    /// <summary>It is the head.</summary>
    Head = 16,

    /// <summary>It is the current one.</summary>
    Current = 32,
}
