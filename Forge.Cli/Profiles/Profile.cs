namespace Forge.Cli.Profiles;

/// <summary>A silo and how it is spoken to, under a name.</summary>
/// <param name="Url">Where it is.</param>
/// <param name="Key">The key; null for none.</param>
internal sealed record Profile(string Url, string? Key);

/// <summary>All profiles of a person.</summary>
/// <param name="Current">The name of the one that is used if nothing is said.</param>
/// <param name="Profiles">The profiles by their names.</param>
internal sealed record ProfileDocument(string? Current, SortedDictionary<string, Profile> Profiles)
{
    public static ProfileDocument Empty => new(null, new SortedDictionary<string, Profile>(StringComparer.Ordinal));
}
