using Forge.Identity;

namespace Forge.History.Stores;

/// <summary>Which sessions of a tenant to list.</summary>
/// <param name="Prefix">What their names begin with; printable ASCII, empty for all.</param>
/// <param name="After">Only names above this one; empty for all.</param>
/// <param name="Limit">The most.</param>
internal sealed record SessionFilter(string Prefix, string After, int Limit)
{
    /// <summary>Above every name with the prefix, and below every other that is above them: ids end at <c>~</c>.</summary>
    public string End => Prefix + '\u007f';
}

/// <summary>A session of a list.</summary>
internal sealed record SessionRow(SessionId Session, HeadRead Read);
