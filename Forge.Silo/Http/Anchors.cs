using System.Globalization;
using Forge.Errors;
using Forge.Integrity;

namespace Forge.Silo.Http;

/// <summary>The <c>Forge-Anchor</c> of a request: what its caller was told of the session's log, as <c>position:chain</c>.</summary>
internal static class Anchors
{
    public const string Header = "Forge-Anchor";
    private const string Field = "forgeAnchor";
    private const int ChainLength = 64;

    /// <summary>The anchor; null if there is none.</summary>
    /// <exception cref="InvalidRequestException">It is no position and chain value, or given twice.</exception>
    public static Anchor? Of(HttpRequest request) => request.Headers[Header] switch
    {
        [] => null,
        [{ } text] when Parse(text) is { } anchor => anchor,
        [_] => throw new InvalidRequestException(Field, $"must be a position from 1, a colon, and a chain value of {ChainLength} hexadecimal digits"),
        _ => throw new InvalidRequestException(Field, "is given twice"),
    };

    private static Anchor? Parse(string text) =>
        text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon
        && long.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var position) && position > 0
        && text[(colon + 1)..] is { Length: ChainLength } chain && chain.All(char.IsAsciiHexDigit)
            ? new Anchor(position, chain)
            : null;
}
