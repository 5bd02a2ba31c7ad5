namespace Forge.Catalog;

/// <summary>Which sessions to list.</summary>
[GenerateSerializer, Immutable, Alias("forge.session-query")]
public sealed record SessionQuery
{
    /// <summary>Only sessions whose names begin so, compared ordinally; empty for all.</summary>
    [Id(0)]
    public string Prefix { get; init; } = "";

    /// <summary>The most sessions of the page; 100 by default, from 1 to the silo's limit (1,000 by default).</summary>
    [Id(1)]
    public int Limit { get; init; } = 100;

    /// <summary>The <see cref="SessionPage.Next"/> of the page before, with the same prefix; null for the first page.</summary>
    [Id(2)]
    public string? Cursor { get; init; }
}
