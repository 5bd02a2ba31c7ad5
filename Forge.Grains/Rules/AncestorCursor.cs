using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Forge.Checkpoints;
using Forge.Errors;

namespace Forge.Grains.Rules;

/// <summary>The cursor of a list of ancestors: of which checkpoint they are, and the last one shown. Opaque to callers.</summary>
internal static class AncestorCursor
{
    private const char Mark = 'a';

    public static string Make(long of, long last) => Base64Url.EncodeToString(
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Mark}{of} {last}")));

    /// <exception cref="InvalidRequestException">It was not made by <see cref="Make"/>, or for another checkpoint.</exception>
    public static (long Of, long? Last) Parse(string cursor, CheckpointReference checkpoint)
    {
        if (cursor.Length <= 80 && Base64Url.IsValid(cursor))
        {
            var parts = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor)).Split(' ');
            if (parts is [[Mark, .. var of], var last]
                && long.TryParse(of, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                && long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var shown)
                && cursor == Make(first, shown)
                && (checkpoint.Sequence <= 0 || checkpoint.Sequence == first))
            {
                return (first, shown);
            }
        }

        throw new InvalidRequestException("cursor", "must be the 'next' of a page of the ancestors of the same checkpoint");
    }
}
