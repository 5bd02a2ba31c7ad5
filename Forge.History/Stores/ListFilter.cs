using Forge.Checkpoints;

namespace Forge.History.Stores;

/// <summary>
/// Which checkpoints to list. Bounds on sequences exclude, bounds on times include. A store may find a bound on times by
/// halving, since no checkpoint of a session was created before one with a lesser sequence.
/// </summary>
internal sealed record ListFilter
{
    /// <summary>How many are looked at if nothing is said.</summary>
    public const int UsuallyLooked = 10_000;

    public string? Tag { get; init; }

    public CheckpointTrigger? Trigger { get; init; }

    /// <summary>Only those of this branch; null for those of any.</summary>
    public string? Branch { get; init; }

    /// <summary>True if those that are wanted have to be looked for, since no index tells them.</summary>
    public bool HasToLook => Trigger is not null || Branch == BranchNames.Main || (Branch is not null && Tag is not null);

    public long After { get; init; }

    public long Before { get; init; } = long.MaxValue;

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    public ListOrder Order { get; init; }

    public required int Limit { get; init; }

    /// <summary>The bytes of what is found that a list ends with, though at least one is taken.</summary>
    public long MostBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// How many are looked at, if those that are wanted have to be looked for. A store whose index of branches is in the order of sequences
    /// looks at some times as many entries of that for a branch.
    /// </summary>
    public int MostLooked { get; init; } = UsuallyLooked;
}
