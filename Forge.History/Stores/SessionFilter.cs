using Forge.Catalog;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Stores;

/// <summary>Which sessions of a tenant to list. All conditions hold together.</summary>
internal sealed record SessionFilter
{
    /// <summary>What their names begin with; printable ASCII, empty for all.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Labels that they all have, each name once.</summary>
    public IReadOnlyList<StoredLabel> Labels { get; init; } = [];

    /// <summary>Only those that were active at this time, in whole microseconds, or later; null for no bound.</summary>
    public DateTimeOffset? ActiveAfter { get; init; }

    /// <summary>Only those that were active at this time, in whole microseconds, or earlier; null for no bound.</summary>
    public DateTimeOffset? ActiveBefore { get; init; }

    /// <summary>Only those with a branch of this name, which is not main; null for all.</summary>
    public string? Branch { get; init; }

    /// <summary>Only those whose claim this owner has; null for all.</summary>
    public string? ClaimOwner { get; init; }

    public SessionOrder Order { get; init; }

    /// <summary>Only those behind this place, in their order; null for all.</summary>
    public SessionPlace? After { get; init; }

    /// <summary>The most.</summary>
    public required int Limit { get; init; }

    /// <summary>How many are looked at, of which some conditions may hold for few.</summary>
    public int MostLooked { get; init; } = 10_000;

    /// <summary>Above every name with the prefix, and below every other that is above them: ids end at <c>~</c>.</summary>
    public string End => Prefix + '\u007f';
}

/// <summary>A session of a list.</summary>
internal sealed record SessionRow(SessionId Session, HeadRead Read);

/// <summary>Where a session stands in a list.</summary>
/// <param name="Session">Its name; empty in the order of activity.</param>
/// <param name="At">When it was active; not set in the order of names.</param>
/// <param name="Key">Its key; 0 in the order of names.</param>
internal readonly record struct SessionPlace(string Session, DateTimeOffset At = default, long Key = 0);
