using System.Globalization;
using Forge.Errors;

namespace Forge.Silo.Mcp;

/// <summary>A JSON Pointer (RFC 6901).</summary>
/// <param name="Text">As it was given; empty for the whole.</param>
/// <param name="Parts">The names and indexes that it goes by.</param>
internal sealed record JsonPointer(string Text, IReadOnlyList<string> Parts)
{
    private const string Field = "pointer";
    private const int MaxCharacters = 1_000;
    private const int Told = 100;

    /// <summary>That of the whole document.</summary>
    public static JsonPointer Whole { get; } = new("", []);

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidRequestException">It is none.</exception>
    /// <exception cref="OverLimitException">It is too long.</exception>
    public static JsonPointer Parse(string text)
    {
        if (text.Length > MaxCharacters)
        {
            throw new OverLimitException(Field, MaxCharacters, text.Length, "characters");
        }

        if (text.Length > 0 && text[0] != '/')
        {
            throw new InvalidRequestException(Field, "must be empty or begin with '/', as in /notes/0/text");
        }

        return new JsonPointer(text, text.Length == 0 ? [] : [.. text[1..].Split('/').Select(Unescape)]);
    }

    /// <summary>The pointer to a child; null if it is longer than one may be.</summary>
    public string? TryOf(string name)
    {
        var pointer = $"{Text}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
        return pointer.Length <= MaxCharacters ? pointer : null;
    }

    /// <summary>The index that a part is of an array; null if it is none.</summary>
    public static long? IndexOf(string part) =>
        (part.Length == 1 || !part.StartsWith('0'))
        && long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;

    /// <summary>What is wrong with one that names nothing.</summary>
    /// <param name="part">The first part that is not there.</param>
    public InvalidRequestException NamesNothing(int part) => new(
        Field,
        $"names nothing: '{JsonText.Cut(string.Join('/', Text.Split('/').Take(part + 1)), Told)}' is there, and has no '{JsonText.Cut(Parts[part], Told)}'");

    private static string Unescape(string part)
    {
        for (var at = part.IndexOf('~', StringComparison.Ordinal); at >= 0; at = part.IndexOf('~', at + 1))
        {
            if (at + 1 == part.Length || part[at + 1] is not ('0' or '1'))
            {
                throw new InvalidRequestException(Field, "must have ~0 for '~' and ~1 for '/' in names");
            }
        }

        return part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
    }
}
