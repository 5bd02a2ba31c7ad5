using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Forge.Checkpoints;
using Forge.Errors;

namespace Forge.Grains.Rules;

/// <summary>
/// The cursor of a list: the order and the last sequence shown, opaque to callers. Sequences never change, so a cursor
/// stays good while checkpoints come and go.
/// </summary>
internal static class PageCursor
{
    public static string Make(ListOrder order, long lastSequence) => Base64Url.EncodeToString(
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Mark(order)}{lastSequence}")));

    /// <exception cref="InvalidRequestException">It was not made by <see cref="Make"/> for this order.</exception>
    public static long Parse(string cursor, ListOrder order)
    {
        if (cursor.Length <= 64 && Base64Url.IsValid(cursor))
        {
            var text = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor));
            if (text.StartsWith(Mark(order))
                && long.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
                && cursor == Make(order, sequence))
            {
                return sequence;
            }
        }

        throw new InvalidRequestException("cursor", "must be the 'next' of a page in the same order");
    }

    private static char Mark(ListOrder order) => order == ListOrder.OldestFirst ? 'o' : 'n';
}
