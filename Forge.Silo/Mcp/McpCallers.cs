using System.Net;
using Forge.Silo.Http;
using Forge.Silo.Rpc;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Forge.Silo.Mcp;

/// <summary>
/// Who may call. A name that a request brings along may be one whose owner lets it stand for this machine (DNS rebinding): then a page of
/// any site would be one of the silo's own. No page can have an address or <c>localhost</c> as its own but what is served there.
/// </summary>
internal sealed class McpCallers(IOptions<McpOptions> options)
{
    private readonly HashSet<string> _origins = new(options.Value.AllowedOrigins, StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _hosts = new(options.Value.AllowedHosts, StringComparer.OrdinalIgnoreCase);

    /// <summary>Why a request is refused; null for one that may be served.</summary>
    public Problem? RefusalOf(HttpRequest request)
    {
        var isOurs = IsOurs(request.Host);
        if (!isOurs && IsLocal(request.HttpContext.Connection))
        {
            return Refusal("host", "This silo is on this machine alone, and is no host of this name", nameof(McpOptions.AllowedHosts));
        }

        var isAllowed = request.Headers[HeaderNames.Origin] switch
        {
            // As of programs, which say nothing of the kind.
            [] => true,
            [{ } origin] => _origins.Contains(origin) || (isOurs && Origins.IsOf(origin, request.Host)),
            _ => false,
        };
        return isAllowed ? null : Refusal("origin", "Pages of this origin may not call", nameof(McpOptions.AllowedOrigins));
    }

    private static Problem Refusal(string field, string why, string setting) => new(
        StatusCodes.Status403Forbidden, $"{field}_refused", $"{why}; {McpOptionsValidator.Section}:{setting} names those that may.", ("field", field));

    private static bool IsLocal(ConnectionInfo connection) => connection.LocalIpAddress is { } address && IPAddress.IsLoopback(address);

    private bool IsOurs(HostString host) =>
        IPAddress.TryParse(host.Host, out _) || host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || _hosts.Contains(host.Host);
}
