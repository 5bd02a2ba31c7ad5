using System.Net;
using Forge.Silo.Rpc;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Forge.Silo.Mcp;

/// <summary>
/// Who may call. Pages of the silo's own address may, if that is an address or <c>localhost</c>: a name that the request brings along may
/// be one that its owner lets stand for this machine (DNS rebinding), and then a page of any site would be one of the silo's own.
/// </summary>
internal sealed class McpOrigins(IOptions<McpOptions> options)
{
    private readonly HashSet<string> _allowed = new(options.Value.AllowedOrigins, StringComparer.OrdinalIgnoreCase);

    /// <summary>True for no origin, as programs have none, that of the silo's own address, and those of the options.</summary>
    public bool Allow(HttpRequest request) => request.Headers[HeaderNames.Origin] switch
    {
        [] => true,
        [{ } origin] => _allowed.Contains(origin) || (IsAddress(request.Host) && Origins.IsOf(origin, request.Host)),
        _ => false,
    };

    private static bool IsAddress(HostString host) =>
        IPAddress.TryParse(host.Host, out _) || host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);
}
