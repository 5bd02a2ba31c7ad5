using Forge.History.Settings;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Forge.Silo.Rpc;

/// <summary>
/// Who may open a connection. A browser lets a page of any origin open a WebSocket to any host, and says only where the page is from:
/// without this rule any page that a person visits could speak to a silo that the person's machine reaches.
/// </summary>
internal sealed class Origins(IOptions<RpcOptions> options)
{
    private readonly HashSet<string> _allowed = new(options.Value.AllowedOrigins, StringComparer.OrdinalIgnoreCase);

    /// <summary>True for no origin, that of the host which the request names, and those of the options.</summary>
    public bool Allow(HttpRequest request)
    {
        var given = request.Headers[HeaderNames.Origin];
        return given switch
        {
            [] => true,
            [{ } origin] => _allowed.Contains(origin) || IsOf(origin, request.Host),
            _ => false,
        };
    }

    /// <summary>True if an origin is that of the host which a request names.</summary>
    // A proxy may have taken TLS off, so that schemes are not compared.
    public static bool IsOf(string origin, HostString host) =>
        host.HasValue && Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        && origin.Equals($"{uri.Scheme}://{host.Value}", StringComparison.OrdinalIgnoreCase);

    /// <summary>Checks a setting that names origins.</summary>
    public static void Require(OptionsRules rules, string setting, IEnumerable<string> origins)
    {
        foreach (var origin in origins)
        {
            rules.That(
                origin == "null" || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && origin == uri.GetLeftPart(UriPartial.Authority)),
                $"{setting} has '{origin}'; it must be a scheme and a host alone, as in https://app.example.");
        }
    }
}
