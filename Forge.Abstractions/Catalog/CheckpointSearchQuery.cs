using Forge.Checkpoints;

namespace Forge.Catalog;

/// <summary>
/// Which checkpoints of a tenant to find, and how. All conditions hold together. A tag, or a trigger other than manual, must be given:
/// nothing else is indexed across sessions.
/// </summary>
[GenerateSerializer, Immutable, Alias("forge.checkpoint-search-query")]
public sealed record CheckpointSearchQuery
{
    /// <summary>Only those with this tag, compared ordinally; null for any.</summary>
    [Id(0)]
    public string? Tag { get; init; }

    /// <summary>Only those with this trigger; null for any.</summary>
    [Id(1)]
    public CheckpointTrigger? Trigger { get; init; }

    /// <summary>Only those created at this time or later; null for no bound.</summary>
    [Id(2)]
    public DateTimeOffset? From { get; init; }

    /// <summary>Only those created at this time or earlier; null for no bound.</summary>
    [Id(3)]
    public DateTimeOffset? To { get; init; }

    /// <summary>Only those of sessions whose names begin so, compared ordinally; empty for all.</summary>
    [Id(4)]
    public string SessionPrefix { get; init; } = "";

    /// <summary>The most checkpoints of the page; 100 by default, from 1 to the silo's limit (1,000 by default).</summary>
    [Id(5)]
    public int Limit { get; init; } = 100;

    /// <summary>Newest or oldest first, by the times of their creation.</summary>
    [Id(6)]
    public ListOrder Order { get; init; }

    /// <summary>The <see cref="CheckpointSearchPage.Next"/> of the page before, with the same conditions; null for the first page.</summary>
    [Id(7)]
    public string? Cursor { get; init; }
}
