using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Catalog;

/// <summary>
/// The cursors of a search: the last place shown, and a digest of the conditions that it was shown under, opaque to callers. They stay
/// good while sessions and checkpoints come and go.
/// </summary>
internal sealed class SearchCursor
{
    private const int DigestBytes = 6;

    private readonly string _mark;

    private SearchCursor(char kind, params ReadOnlySpan<string> conditions)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var condition in conditions)
        {
            // Each with its length, so that no two lists of conditions are the same text.
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{condition.Length} {condition}")));
        }

        _mark = kind + Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, DigestBytes)) + ' ';
    }

    /// <summary>Those of a list of sessions.</summary>
    public static SearchCursor Of(SessionFilter filter) => new(
        's',
        [
            filter.Order.ToString(), filter.Prefix, Text(filter.ActiveAfter), Text(filter.ActiveBefore),

            // What was not there when the first cursors were made changes none of them while it is not used.
            .. filter.Branch is { } branch ? ["branch", branch] : Array.Empty<string>(),
            .. filter.ClaimOwner is { } owner ? ["claim", owner] : Array.Empty<string>(),
            .. filter.Labels.OrderBy(l => l.Name, StringComparer.Ordinal).SelectMany(l => new[] { l.Name, l.Value }),
        ]);

    /// <summary>Those of a search for checkpoints.</summary>
    public static SearchCursor Of(CheckpointFilter filter) => new(
        'c',
        filter.Order.ToString(), filter.Prefix, Text(filter.From), Text(filter.To), filter.Tag is null ? "-" : $"+{filter.Tag}",
        filter.Trigger?.ToName() ?? "");

    public string Make(SessionPlace place) => Make(Text(place));

    public string Make(CheckpointPlace place) => Make(Text(place));

    /// <exception cref="InvalidRequestException">It was made by no page with these conditions.</exception>
    public SessionPlace ParseSession(string cursor) => Parse<SessionPlace>(
        cursor,
        parts => parts switch
        {
            [var name] when SessionId.TryParse(name, out _) => new(name),
            ["", var at, var key] when Time(at) is { } time && Number(key) is { } number => new("", time, number),
            _ => null,
        },
        Text);

    /// <exception cref="InvalidRequestException">It was made by no page with these conditions.</exception>
    public CheckpointPlace ParseCheckpoint(string cursor) => Parse<CheckpointPlace>(
        cursor,
        parts => parts is [var at, var key, var sequence]
            && Time(at) is { } time && Number(key) is { } number && Number(sequence) is { } last ? new(time, number, last) : null,
        Text);

    private T Parse<T>(string cursor, Func<string[], T?> read, Func<T, string> write)
        where T : struct
    {
        // A third longer than what it stands for.
        if (cursor.Length <= 2 * SessionId.MaxLength && Base64Url.IsValid(cursor))
        {
            var text = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor));
            if (text.StartsWith(_mark, StringComparison.Ordinal) && read(text[_mark.Length..].Split(' ')) is { } place
                && cursor == Make(write(place)))
            {
                return place;
            }
        }

        throw new InvalidRequestException("cursor", "must be the 'next' of a page with the same conditions");
    }

    private string Make(string place) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(_mark + place));

    private static string Text(SessionPlace place) => place.Session.Length > 0 ? place.Session
        : string.Create(CultureInfo.InvariantCulture, $" {place.At.UtcTicks} {place.Key}");

    private static string Text(CheckpointPlace place) =>
        string.Create(CultureInfo.InvariantCulture, $"{place.At.UtcTicks} {place.Key} {place.Sequence}");

    private static string Text(DateTimeOffset? time) => time?.UtcTicks.ToString(CultureInfo.InvariantCulture) ?? "";

    private static DateTimeOffset? Time(string text) =>
        Number(text) is { } ticks && ticks <= DateTimeOffset.MaxValue.UtcTicks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
