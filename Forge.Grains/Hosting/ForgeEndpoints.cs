using System.Net;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Hosting;

/// <summary>Where this silo listens, and by which address others reach it. Holds ports that it chose itself.</summary>
internal sealed class ForgeEndpoints : IDisposable
{
    private readonly PortReservation? _silo;
    private readonly PortReservation? _gateway;

    public ForgeEndpoints(IOptions<ForgeOptions> settings)
    {
        var options = settings.Value;
        Listen = IPAddress.Parse(options.ListenAddress);
        Advertised = options.AdvertisedAddress is { } advertised ? IPAddress.Parse(advertised) : Listen;
        _silo = options.SiloPort == 0 ? PortReservation.Take(Listen) : null;
        _gateway = options.GatewayPort == 0 ? PortReservation.Take(Listen) : null;
        SiloPort = _silo?.Port ?? options.SiloPort;
        GatewayPort = _gateway?.Port ?? options.GatewayPort;
    }

    public IPAddress Listen { get; }

    public IPAddress Advertised { get; }

    public int SiloPort { get; }

    public int GatewayPort { get; }

    public void Check()
    {
        PortReservation.Check("Forge:SiloPort", Listen, SiloPort);
        PortReservation.Check("Forge:GatewayPort", Listen, GatewayPort);
    }

    public void Dispose()
    {
        _silo?.Dispose();
        _gateway?.Dispose();
    }
}
