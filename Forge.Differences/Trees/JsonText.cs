using System.Buffers;
using System.Buffers.Text;
using System.Globalization;

namespace Forge.Differences.Trees;

/// <summary>
/// The texts of JSON, which are known to be valid. What escapes stand for is in UTF-8, but for half a surrogate pair: that is written
/// as if it were a character of three bytes, which UTF-8 forbids, so that it is told from all others.
/// </summary>
internal static class JsonText
{
    private const int HighSurrogates = 0xD800;
    private const int LowSurrogates = 0xDC00;
    private const int EndOfSurrogates = 0xE000;
    private const byte SurrogateLead = 0xED;

    /// <summary>The most bytes of one character.</summary>
    private const int LongestCharacter = 4;

    /// <summary>What has to be escaped in a string, and what a surrogate begins with.</summary>
    private static readonly SearchValues<byte> Special = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(control => (byte)control), (byte)'"', (byte)'\\', SurrogateLead]);

    public static bool HasEscapes(ReadOnlySpan<byte> text) => text.Contains((byte)'\\');

    /// <summary>
    /// True if a text is sure to be written as <see cref="WriteEscaped"/> writes it: if it has none of the escapes that have another way. An
    /// escaped backslash in front of such a letter is taken for one, which does no harm.
    /// </summary>
    public static bool IsShortest(ReadOnlySpan<byte> text) => text.IndexOf("\\u"u8) < 0 && text.IndexOf("\\/"u8) < 0;

    /// <summary>True if two texts, as they are written between their quotes, stand for the same.</summary>
    public static bool AreSame(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.SequenceEqual(right))
        {
            return true;
        }

        if (!HasEscapes(left) && !HasEscapes(right))
        {
            return false;
        }

        var mine = new PlainPieces(left, stackalloc byte[LongestCharacter]);
        var others = new PlainPieces(right, stackalloc byte[LongestCharacter]);
        while (true)
        {
            var (hasMine, hasOther) = (mine.HasPiece(), others.HasPiece());
            if (!hasMine || !hasOther)
            {
                return hasMine == hasOther;
            }

            var length = Math.Min(mine.Piece.Length, others.Piece.Length);
            if (!mine.Piece[..length].SequenceEqual(others.Piece[..length]))
            {
                return false;
            }

            mine.Skip(length);
            others.Skip(length);
        }
    }

    /// <summary>Writes what a text stands for.</summary>
    /// <param name="text">The text, as it is written between its quotes.</param>
    /// <param name="target">Has room for as many bytes.</param>
    /// <returns>How many it took.</returns>
    public static int Unescape(ReadOnlySpan<byte> text, Span<byte> target)
    {
        var written = 0;
        while (text.IndexOf((byte)'\\') is >= 0 and var plain)
        {
            text[..plain].CopyTo(target[written..]);
            written += plain;
            text = text[plain..];
            written += ReadEscape(ref text, target[written..]);
        }

        text.CopyTo(target[written..]);
        return written + text.Length;
    }

    /// <summary>Writes a plain text, which <see cref="Unescape"/> may have made, as it stands between the quotes of a string.</summary>
    public static void WriteEscaped(IBufferWriter<byte> target, ReadOnlySpan<byte> plain)
    {
        while (plain.IndexOfAny(Special) is >= 0 and var at)
        {
            target.Write(plain[..at]);
            var special = plain[at];
            if (special != SurrogateLead)
            {
                WriteEscape(target, special);
                plain = plain[(at + 1)..];
            }
            else if (plain[at + 1] >= 0xA0)
            {
                WriteHexadecimal(target, ((special & 0x0F) << 12) | ((plain[at + 1] & 0x3F) << 6) | (plain[at + 2] & 0x3F));
                plain = plain[(at + 3)..];
            }
            else
            {
                target.Write(plain.Slice(at, 3));
                plain = plain[(at + 3)..];
            }
        }

        target.Write(plain);
    }

    /// <summary>Writes a value as it is, but without the white space between its tokens.</summary>
    public static void WriteCompact(IBufferWriter<byte> target, ReadOnlySpan<byte> value)
    {
        var (start, at) = (0, 0);
        while (value[at..].IndexOfAny("\" \n\r\t"u8) is >= 0 and var distance)
        {
            at += distance;
            if (value[at] == '"')
            {
                at = EndOfString(value, at);
                continue;
            }

            target.Write(value[start..at]);
            while (at < value.Length && value[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            {
                at++;
            }

            start = at;
        }

        target.Write(value[start..]);
    }

    /// <summary>Reads the escape that a text begins with, and with the first half of a surrogate pair the second.</summary>
    /// <returns>How many bytes it took to write what it stands for.</returns>
    private static int ReadEscape(ref ReadOnlySpan<byte> text, Span<byte> target)
    {
        var escape = text[1];
        text = text[2..];
        if (escape != 'u')
        {
            target[0] = escape switch
            {
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                _ => escape,
            };
            return 1;
        }

        var character = Hexadecimal(text);
        text = text[4..];
        if (character is >= HighSurrogates and < LowSurrogates && text.StartsWith("\\u"u8)
            && Hexadecimal(text[2..]) is >= LowSurrogates and < EndOfSurrogates and var low)
        {
            character = 0x10000 + ((character - HighSurrogates) << 10) + (low - LowSurrogates);
            text = text[6..];
        }

        return Encode(character, target);
    }

    private static int EndOfString(ReadOnlySpan<byte> value, int quote)
    {
        var at = quote + 1;
        while (true)
        {
            at += value[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (value[at] == '"')
            {
                return at + 1;
            }

            at += 2;
        }
    }

    private static int Hexadecimal(ReadOnlySpan<byte> digits) =>
        Utf8Parser.TryParse(digits[..4], out int value, out _, 'x') ? value : 0;

    /// <summary>As UTF-8 has it, surrogates too.</summary>
    private static int Encode(int character, Span<byte> target)
    {
        switch (character)
        {
            case < 0x80:
                target[0] = (byte)character;
                return 1;
            case < 0x800:
                target[0] = (byte)(0xC0 | (character >> 6));
                target[1] = (byte)(0x80 | (character & 0x3F));
                return 2;
            case < 0x10000:
                target[0] = (byte)(0xE0 | (character >> 12));
                target[1] = (byte)(0x80 | ((character >> 6) & 0x3F));
                target[2] = (byte)(0x80 | (character & 0x3F));
                return 3;
            default:
                target[0] = (byte)(0xF0 | (character >> 18));
                target[1] = (byte)(0x80 | ((character >> 12) & 0x3F));
                target[2] = (byte)(0x80 | ((character >> 6) & 0x3F));
                target[3] = (byte)(0x80 | (character & 0x3F));
                return 4;
        }
    }

    private static void WriteEscape(IBufferWriter<byte> target, byte character)
    {
        switch (character)
        {
            case (byte)'\b':
                target.Write("\\b"u8);
                break;
            case (byte)'\f':
                target.Write("\\f"u8);
                break;
            case (byte)'\n':
                target.Write("\\n"u8);
                break;
            case (byte)'\r':
                target.Write("\\r"u8);
                break;
            case (byte)'\t':
                target.Write("\\t"u8);
                break;
            case (byte)'"' or (byte)'\\':
                target.Write([(byte)'\\', character]);
                break;
            default:
                WriteHexadecimal(target, character);
                break;
        }
    }

    private static void WriteHexadecimal(IBufferWriter<byte> target, int character)
    {
        target.Write("\\u"u8);
        var digits = target.GetSpan(4);
        character.TryFormat(digits, out var written, "x4", CultureInfo.InvariantCulture);
        target.Advance(written);
    }

    /// <summary>What a text stands for, piece by piece, so that none of it has to be written anew as a whole.</summary>
    private ref struct PlainPieces(ReadOnlySpan<byte> text, Span<byte> character)
    {
        private readonly Span<byte> _character = character;
        private ReadOnlySpan<byte> _text = text;

        /// <summary>What is left of the piece.</summary>
        public ReadOnlySpan<byte> Piece { get; private set; }

        public void Skip(int length) => Piece = Piece[length..];

        /// <summary>Goes on to the next piece if none is left of this one; false if there is none.</summary>
        public bool HasPiece()
        {
            if (!Piece.IsEmpty || _text.IsEmpty)
            {
                return !Piece.IsEmpty;
            }

            if (_text[0] == '\\')
            {
                Piece = _character[..ReadEscape(ref _text, _character)];
                return true;
            }

            var escape = _text.IndexOf((byte)'\\');
            var plain = escape < 0 ? _text.Length : escape;
            Piece = _text[..plain];
            _text = _text[plain..];
            return true;
        }
    }
}
