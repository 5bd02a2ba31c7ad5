using System.Globalization;
using System.Text;

namespace Forge.Cli.Terminal;

/// <summary>
/// Text of others, made so that a terminal shows it and obeys nothing in it: escape sequences, control characters, what turns the direction of
/// writing, and what cannot be seen stand there as escapes.
/// </summary>
internal static class Harmless
{
    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;

    // Letters and marks that nobody sees, though Unicode counts them among those that are seen.
    private const int CombiningGraphemeJoiner = 0x034F;
    private const int HangulChoseongFiller = 0x115F;
    private const int HangulJungseongFiller = 0x1160;
    private const int BrailleBlank = 0x2800;
    private const int HangulFiller = 0x3164;
    private const int HalfwidthHangulFiller = 0xFFA0;

    /// <summary>Text for one line.</summary>
    public static string Line(string? text) => Escape(text ?? "", keepLines: false);

    /// <summary>Text that may have several lines and tabs.</summary>
    public static string Lines(string? text) => Escape(text ?? "", keepLines: true);

    /// <summary>
    /// JSON in which everything that a terminal could obey is written as an escape. It is the same JSON: outside of its strings there is no
    /// such character.
    /// </summary>
    public static string Json(string json)
    {
        if (!HasHarm(json))
        {
            return json;
        }

        var text = new StringBuilder(json.Length + 16);
        Span<char> units = stackalloc char[2];
        foreach (var rune in json.EnumerateRunes())
        {
            if (IsHarmful(rune) && !IsLayout(rune))
            {
                foreach (var unit in units[..rune.EncodeToUtf16(units)])
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
                }
            }
            else
            {
                text.Append(rune);
            }
        }

        return text.ToString();
    }

    private static string Escape(string text, bool keepLines)
    {
        if (!HasHarm(text))
        {
            return text;
        }

        var safe = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\n' or '\t' when keepLines => safe.Append(rune),
                '\n' => safe.Append("\\n"),
                '\t' => safe.Append("\\t"),
                '\r' => safe.Append("\\r"),
                _ when IsHarmful(rune) => safe.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => safe.Append(rune),
            };
        }

        return safe.ToString();
    }

    private static bool HasHarm(string text)
    {
        // Most texts are plain, which shows at once.
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
        {
            return false;
        }

        foreach (var rune in text.EnumerateRunes())
        {
            if (IsHarmful(rune))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsLayout(Rune rune) => rune.Value is '\n' or '\r' or '\t';

    private static bool IsHarmful(Rune rune) => !rune.IsAscii
        ? rune.Value is CombiningGraphemeJoiner or (>= HangulChoseongFiller and <= HangulJungseongFiller) or BrailleBlank or HangulFiller or HalfwidthHangulFiller
            || rune.Value is not (ZeroWidthNonJoiner or ZeroWidthJoiner) && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
            or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        : rune.Value is < ' ' or 0x7F;
}
