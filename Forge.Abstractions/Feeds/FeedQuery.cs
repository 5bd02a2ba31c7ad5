using Forge.Events;

namespace Forge.Feeds;

/// <summary>What of a tenant's feed to read, and from where on. All conditions hold together.</summary>
[GenerateSerializer, Immutable, Alias("forge.feed-query")]
public sealed record FeedQuery
{
    /// <summary>The <see cref="After"/> of whoever wants nothing that has happened before.</summary>
    public const string Latest = "latest";

    /// <summary>
    /// The cursor of an event or page with the same conditions, behind which the page begins; <see cref="Latest"/> to begin now; null to begin
    /// with the oldest that is kept.
    /// </summary>
    [Id(0)]
    public string? After { get; init; }

    /// <summary>Only events of sessions whose names begin so, compared ordinally; empty for all.</summary>
    [Id(1)]
    public string Prefix { get; init; } = "";

    /// <summary>
    /// Only events of sessions that have all of these labels as the page is read, names and values compared ordinally; at most 16.
    /// </summary>
    [Id(2)]
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Only events of these kinds; empty for all.</summary>
    [Id(3)]
    public IReadOnlyList<LogEventKind> Kinds { get; init; } = [];

    /// <summary>The most events of the page; 100 by default, from 1 to the silo's limit (1,000 by default).</summary>
    [Id(4)]
    public int Limit { get; init; } = 100;

    /// <summary>
    /// How long to wait for an event if there is none; not at all by default, and at most <see cref="LongestWait"/>. It is not waited as long
    /// if the silo stops or has as many that wait as it may: ask no more than once a second then.
    /// </summary>
    [Id(5)]
    public TimeSpan Wait { get; init; }

    /// <summary>The longest wait of one call: 20 s, so that it ends before a call is given up.</summary>
    public static TimeSpan LongestWait { get; } = TimeSpan.FromSeconds(20);
}
