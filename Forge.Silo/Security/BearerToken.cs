using Microsoft.Net.Http.Headers;

namespace Forge.Silo.Security;

/// <summary>
/// The token of a request: that of <c>Authorization: Bearer</c>, or for a WebSocket, whose headers a browser lets no page set, that of the
/// subprotocol <c>forge.bearer.</c>.
/// </summary>
internal static class BearerToken
{
    /// <summary>What stands before the token in a subprotocol.</summary>
    public const string Subprotocol = "forge.bearer.";

    private const string Scheme = "Bearer ";

    /// <summary>The token; empty if what was given cannot be one, null if nothing was given.</summary>
    public static string? Of(HttpRequest request)
    {
        var given = request.Headers[HeaderNames.Authorization];
        if (given.Count > 0)
        {
            return given is [{ } header] && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : "";
        }

        if (!request.Headers.ContainsKey(HeaderNames.SecWebSocketProtocol))
        {
            return null;
        }

        var offered = request.HttpContext.WebSockets.WebSocketRequestedProtocols
            .Where(protocol => protocol.StartsWith(Subprotocol, StringComparison.Ordinal)).ToList();
        return offered switch
        {
            [] => null,
            [var one] => one[Subprotocol.Length..],
            _ => "",
        };
    }
}
