using System.Text;
using Forge.Errors;

namespace Forge.Grains.Rules;

/// <summary>What a text of a request must be: not empty, free of NUL and of broken surrogate pairs, and within a limit.</summary>
internal static class TextRules
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="InvalidRequestException">It is null, empty, holds a NUL or is not valid Unicode.</exception>
    /// <exception cref="OverLimitException">Its UTF-8 is longer than the limit.</exception>
    public static void RequireBytes(string field, string? text, int limit)
    {
        var bytes = Require(field, text);
        if (bytes > limit)
        {
            throw new OverLimitException(field, limit, bytes, "bytes");
        }
    }

    /// <exception cref="InvalidRequestException">It is null, empty, holds a NUL or is not valid Unicode.</exception>
    /// <exception cref="OverLimitException">It has more characters than the limit.</exception>
    public static void RequireCharacters(string field, string? text, int limit)
    {
        Require(field, text);
        if (text!.Length > limit)
        {
            throw new OverLimitException(field, limit, text.Length, "characters");
        }
    }

    private static int Require(string field, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            throw new InvalidRequestException(field, "must not be empty");
        }

        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new InvalidRequestException(field, "must not hold a NUL character");
        }

        try
        {
            return Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException exception)
        {
            throw new InvalidRequestException(field, "must be valid Unicode", exception);
        }
    }
}
