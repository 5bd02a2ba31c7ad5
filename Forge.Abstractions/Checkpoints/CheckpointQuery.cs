namespace Forge.Checkpoints;

/// <summary>Which checkpoints of a session to list, and how. All conditions hold together.</summary>
[GenerateSerializer, Immutable, Alias("forge.checkpoint-query")]
public sealed record CheckpointQuery
{
    /// <summary>Only those with this tag; null for any.</summary>
    [Id(0)]
    public string? Tag { get; init; }

    /// <summary>Only those with this trigger; null for any.</summary>
    [Id(1)]
    public CheckpointTrigger? Trigger { get; init; }

    /// <summary>Only sequences above this one; null for no bound.</summary>
    [Id(2)]
    public long? After { get; init; }

    /// <summary>Only sequences below this one; null for no bound.</summary>
    [Id(3)]
    public long? Before { get; init; }

    /// <summary>Only those created at this time or later; null for no bound.</summary>
    [Id(4)]
    public DateTimeOffset? From { get; init; }

    /// <summary>Only those created at this time or earlier; null for no bound.</summary>
    [Id(5)]
    public DateTimeOffset? To { get; init; }

    /// <summary>How many on a page at most: 1 to the page limit (1,000 by default); 100 if nothing is said.</summary>
    [Id(6)]
    public int Limit { get; init; } = 100;

    /// <summary>Newest or oldest first.</summary>
    [Id(7)]
    public ListOrder Order { get; init; }

    /// <summary>The <see cref="CheckpointPage.Next"/> of the page before, with the same conditions; null to begin.</summary>
    [Id(8)]
    public string? Cursor { get; init; }

    /// <summary>Only those of this branch, <see cref="BranchNames.Main"/> for those that were created without one; null for those of any.</summary>
    [Id(9)]
    public string? Branch { get; init; }

    /// <summary>
    /// True for the states too (<see cref="CheckpointPage.States"/>). A page ends before its limit then with as many of them as fit into
    /// the silo's bound for it (16 MiB by default), but has at least one.
    /// </summary>
    [Id(16)]
    public bool IncludeStates { get; init; }
}
