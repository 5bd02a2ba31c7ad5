using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Forge.Errors;
using Forge.History.Rows;

namespace Forge.Grains.Rules;

/// <summary>The cursor of a list of pending writes: of which checkpoint they are, and the last one shown. Opaque to callers.</summary>
internal static class WriteCursor
{
    private const char Mark = 'w';

    /// <summary>The longest one: a task of the most characters, three bytes of UTF-8 each, and two numbers, in base 64.</summary>
    private const int MaxCharacters = 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Make(long sequence, WriteKey last) => Base64Url.EncodeToString(
        Strict.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Mark}{sequence} {last.Index} {last.Task}")));

    /// <exception cref="InvalidRequestException">It was not made by <see cref="Make"/>.</exception>
    public static (long Sequence, WriteKey Last) Parse(string cursor)
    {
        if (cursor.Length <= MaxCharacters && Base64Url.IsValid(cursor) && Read(cursor) is [[Mark, .. var of], var index, var task]
            && long.TryParse(of, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            && int.TryParse(index, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var place)
            && !task.Contains('\0', StringComparison.Ordinal)
            && cursor == Make(sequence, new WriteKey(task, place)))
        {
            return (sequence, new WriteKey(task, place));
        }

        throw Wrong();
    }

    public static InvalidRequestException Wrong() =>
        new("cursor", "must be the 'next' of a page of the writes of the same checkpoint");

    private static string[] Read(string cursor)
    {
        try
        {
            return Strict.GetString(Base64Url.DecodeFromChars(cursor)).Split(' ', 3);
        }
        catch (DecoderFallbackException)
        {
            // Whoever made it up did not make it of text: it is none.
            return [];
        }
    }
}
