namespace Forge.Sessions;

/// <summary>
/// What compaction keeps: the union of its parts. At least one part must be given. Whatever it says, the head, the
/// current checkpoint and the tips of branches stay, and so does all that is required by what stays.
/// </summary>
[GenerateSerializer, Immutable, Alias("forge.retention-policy")]
public sealed record RetentionPolicy
{
    /// <summary>Keep the newest this many, from 0; null for no such part.</summary>
    [Id(0)]
    public int? KeepRecent { get; init; }

    /// <summary>Keep those with any of these tags, at most 64; null or empty for no such part.</summary>
    [Id(1)]
    public IReadOnlyList<string>? KeepTags { get; init; }

    /// <summary>Keep those younger than this, more than zero; null for no such part.</summary>
    [Id(2)]
    public TimeSpan? KeepYoungerThan { get; init; }
}
