using Forge.Operations;

namespace Forge.Silo.Security.Callers;

/// <summary>What a credential allows. The numbers stand in the database.</summary>
[Flags]
internal enum GivenScopes : short
{
    None = 0,
    Read = 1,
    Write = 2,
    Admin = 4,
}

/// <summary>What scopes are called, and what they include.</summary>
internal static class GivenScopesExtensions
{
    private static readonly (string Name, GivenScopes Scope)[] Names =
        [("read", GivenScopes.Read), ("write", GivenScopes.Write), ("admin", GivenScopes.Admin)];

    /// <summary>All names, as errors tell them.</summary>
    public const string AllNames = "read, write or admin";

    /// <summary>True if what they allow includes what is wanted: each includes those before it.</summary>
    public static bool Allow(this GivenScopes given, AccessScope wanted) => (int)given >= 1 << (int)wanted;

    /// <summary>With those that each of them includes.</summary>
    public static GivenScopes WithIncluded(this GivenScopes given) =>
        given | (given.Allow(AccessScope.Write) ? GivenScopes.Read : 0) | (given.Allow(AccessScope.Admin) ? GivenScopes.Write : 0);

    /// <summary>The names of those that were given.</summary>
    public static IReadOnlyList<string> ToNames(this GivenScopes given) =>
        [.. Names.Where(known => given.HasFlag(known.Scope)).Select(known => known.Name)];

    /// <summary>The name of what is wanted.</summary>
    public static string ToName(this AccessScope wanted) => Names[(int)wanted].Name;

    /// <summary>The scope of a name; none for another text.</summary>
    public static GivenScopes Parse(string name) => Names.FirstOrDefault(known => known.Name == name).Scope;
}
