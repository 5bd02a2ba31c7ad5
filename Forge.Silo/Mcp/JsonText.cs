using System.Globalization;
using System.Text.Json;

namespace Forge.Silo.Mcp;

/// <summary>
/// Texts of JSON, which may hold halves of surrogate pairs: JSON that is valid, and that nothing can read as text. No exception is thrown
/// for one, since a state may hold millions.
/// </summary>
internal static class JsonText
{
    private const int Escape = 6;

    /// <summary>True if what stands between the quotes is text.</summary>
    public static bool IsUnicode(ReadOnlySpan<byte> escaped)
    {
        while (escaped.IndexOf((byte)'\\') is var at and >= 0)
        {
            escaped = escaped[at..];
            var unit = Unit(escaped);
            if (unit is null)
            {
                escaped = escaped[2..];
                continue;
            }

            if (char.IsHighSurrogate(unit.Value) && Unit(escaped[Escape..]) is { } low && char.IsLowSurrogate(low))
            {
                escaped = escaped[(2 * Escape)..];
            }
            else if (char.IsSurrogate(unit.Value))
            {
                return false;
            }
            else
            {
                escaped = escaped[Escape..];
            }
        }

        return true;
    }

    /// <summary>The text, with a sign in the place of each half of a pair.</summary>
    /// <param name="json">A string, with its quotes.</param>
    public static string Of(ReadOnlySpan<byte> json)
    {
        var escaped = json[1..^1];
        if (IsUnicode(escaped))
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            return reader.GetString()!;
        }

        var repaired = new byte[json.Length];
        json.CopyTo(repaired);
        Repair(repaired.AsSpan(1, escaped.Length));
        return Of(repaired);
    }

    /// <summary>The beginning of a text, of at most so many characters, and no half of a pair at its end.</summary>
    public static string Cut(string text, int characters) =>
        text.Length <= characters ? text
        : text[..(characters > 0 && char.IsHighSurrogate(text[characters - 1]) ? characters - 1 : characters)];

    private static void Repair(Span<byte> escaped)
    {
        while (escaped.IndexOf((byte)'\\') is var at and >= 0)
        {
            escaped = escaped[at..];
            var unit = Unit(escaped);
            if (unit is { } high && char.IsHighSurrogate(high) && Unit(escaped[Escape..]) is { } low && char.IsLowSurrogate(low))
            {
                escaped = escaped[(2 * Escape)..];
                continue;
            }

            if (unit is { } half && char.IsSurrogate(half))
            {
                "\\uFFFD"u8.CopyTo(escaped);
            }

            escaped = escaped[(unit is null ? 2 : Escape)..];
        }
    }

    /// <summary>The unit that an escape at the beginning stands for; null if there is none, or one of another kind.</summary>
    private static char? Unit(ReadOnlySpan<byte> escaped) =>
        escaped.Length >= Escape && escaped[0] == '\\' && escaped[1] == 'u'
        && ushort.TryParse(escaped[2..Escape], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
