namespace Forge.History.Retention;

/// <summary>What a retention policy keeps, as one read found it.</summary>
/// <param name="LastSequence">The head row's last sequence.</param>
/// <param name="Count">How many checkpoints were visible.</param>
/// <param name="StoredBytes">The sum of their stored sizes.</param>
/// <param name="Bytes">The sum of their sizes as saved.</param>
/// <param name="Survivors">Those that stay, by rising sequence.</param>
/// <param name="Trunks">Survivors of which a child goes, in any order.</param>
internal sealed record CompactionSurvey(
    long LastSequence,
    long Count,
    long StoredBytes,
    long Bytes,
    IReadOnlyList<Survivor> Survivors,
    IReadOnlyList<long> Trunks);

/// <summary>A checkpoint that stays, and every reason for it.</summary>
internal readonly record struct Survivor(long Sequence, long Parent, int Size, int StoredSize, SurvivalReasons Reasons);

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
