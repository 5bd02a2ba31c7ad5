using System.Buffers;

namespace Forge.Identity;

/// <summary>The one rule that tenant and session ids follow.</summary>
internal static class IdentifierRules
{
    public const int MaxLength = 200;

    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c).Where(c => c != '/').ToArray());

    /// <summary>Says what is wrong with <paramref name="value"/>, or null when it is a valid id.</summary>
    public static string? Problem(string? value) => value switch
    {
        null or "" => "must not be empty",
        { Length: > MaxLength } => $"must be at most {MaxLength} characters, not {value.Length}",
        "." or ".." => "must not be '.' or '..'",
        _ when value.AsSpan().ContainsAnyExcept(Allowed) => "must be printable ASCII without space or '/'",
        _ => null,
    };
}
