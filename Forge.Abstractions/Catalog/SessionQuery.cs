namespace Forge.Catalog;

/// <summary>Which sessions of a tenant to list, and how. All conditions hold together.</summary>
[GenerateSerializer, Immutable, Alias("forge.session-query")]
public sealed record SessionQuery
{
    /// <summary>Only sessions whose names begin so, compared ordinally; empty for all.</summary>
    [Id(0)]
    public string Prefix { get; init; } = "";

    /// <summary>The most sessions of the page; 100 by default, from 1 to the silo's limit (1,000 by default).</summary>
    [Id(1)]
    public int Limit { get; init; } = 100;

    /// <summary>The <see cref="SessionPage.Next"/> of the page before, with the same conditions; null for the first page.</summary>
    [Id(2)]
    public string? Cursor { get; init; }

    /// <summary>Only sessions that have all of these labels, names and values compared ordinally; at most 16.</summary>
    [Id(3)]
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>By name or by activity.</summary>
    [Id(4)]
    public SessionOrder Order { get; init; }

    /// <summary>
    /// Only sessions that were active at this time or later; null for no bound. In the order of activity, what happened within the last
    /// second may not count yet.
    /// </summary>
    [Id(5)]
    public DateTimeOffset? ActiveAfter { get; init; }

    /// <summary>Only sessions that were active at this time or earlier, and not since; null for no bound.</summary>
    [Id(6)]
    public DateTimeOffset? ActiveBefore { get; init; }

    /// <summary>Only sessions that have a branch of this name; null for all. Every session has <c>main</c>.</summary>
    [Id(7)]
    public string? Branch { get; init; }

    /// <summary>Only sessions that an owner of this name has claimed, whether or not the lease ran out; null for all.</summary>
    [Id(8)]
    public string? ClaimOwner { get; init; }
}
