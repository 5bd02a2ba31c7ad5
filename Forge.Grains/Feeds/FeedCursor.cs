using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Forge.Errors;
using Forge.Events;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Feeds;

/// <summary>
/// The cursors of a feed: a place, and a digest of the tenant and the conditions that it was shown under, opaque to callers. They stay good
/// for as long as the feed is kept.
/// </summary>
internal sealed class FeedCursor
{
    private const int DigestBytes = 6;

    /// <summary>Longer than any: seven numbers of at most 20 characters, the mark, and a third more.</summary>
    private const int MaxLength = 256;

    private readonly string _mark;

    public FeedCursor(TenantId tenant, FeedFilter filter)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string[] conditions =
        [
            tenant.Value,
            filter.Prefix,
            .. filter.Kinds.Select(kind => kind.ToName()).Order(StringComparer.Ordinal),
            "labels",
            .. filter.Labels.OrderBy(l => l.Name, StringComparer.Ordinal).SelectMany(l => new[] { l.Name, l.Value }),
        ];
        foreach (var condition in conditions)
        {
            // Each with its length, so that no two lists of conditions are the same text.
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{condition.Length} {condition}")));
        }

        _mark = 'f' + Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, DigestBytes)) + ' ';
    }

    public string Make(FeedPlace place) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{_mark}{place.Epoch} {place.Tx} {place.Id} {place.WrittenAt.UtcTicks} {place.Entry + 1} {place.Position}")));

    /// <exception cref="InvalidRequestException">It was made by no page of the tenant with these conditions.</exception>
    public FeedPlace Parse(string cursor)
    {
        if (cursor.Length <= MaxLength && Base64Url.IsValid(cursor))
        {
            var text = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor));
            if (text.StartsWith(_mark, StringComparison.Ordinal)
                && text[_mark.Length..].Split(' ') is [var epoch, var tx, var id, var at, var entry, var position]
                && Number(epoch) is { } e && Number(tx) is { } t && Number(id) is { } i
                && Number(at) is { } ticks && ticks <= DateTimeOffset.MaxValue.UtcTicks
                && Number(entry) is { } index and <= int.MaxValue && Number(position) is { } last)
            {
                var place = new FeedPlace(e, t, i, new DateTimeOffset(ticks, TimeSpan.Zero), (int)index - 1, last);
                if (cursor == Make(place))
                {
                    return place;
                }
            }
        }

        throw new InvalidRequestException("after", $"must be {Forge.Feeds.FeedQuery.Latest}, or the cursor of an event or page of the same tenant with the same conditions");
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
