using System.Net;

namespace Forge.Client;

/// <summary>Reads the gateways of the options.</summary>
internal static class GatewayAddress
{
    public static IPEndPoint Default { get; } = new(IPAddress.Loopback, 30000);

    /// <summary>Reads <c>address:port</c>; a port has to be there.</summary>
    public static bool TryParse(string? text, out IPEndPoint address)
    {
        var valid = IPEndPoint.TryParse(text ?? "", out var parsed) && parsed.Port > 0;
        address = valid ? parsed! : Default;
        return valid;
    }

    public static IEnumerable<IPEndPoint> All(ForgeClientOptions options)
    {
        if (options.Gateways.Count == 0)
        {
            yield return Default;
        }

        foreach (var gateway in options.Gateways)
        {
            yield return TryParse(gateway, out var address)
                ? address
                : throw new FormatException($"'{gateway}' is not an IP address and a port.");
        }
    }
}
