using System.Net;
using Forge.Client;
using Forge.Grains.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;

namespace Forge.Grains.Tests.Client;

/// <summary>A silo on real sockets with its history in memory, and hosts with a client of it.</summary>
internal sealed class RealSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private RealSilo(IHost host) => _host = host;

    public int GatewayPort => _host.Services.GetRequiredService<ForgeEndpoints>().GatewayPort;

    public static RealSilo Prepare()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo => silo.AddForge(options =>
        {
            options.Database = ForgeDatabase.Memory;
            (options.SiloPort, options.GatewayPort) = (0, 0);
        }));
        return new RealSilo(builder.Build());
    }

    public Task StartAsync() => _host.StartAsync(TestContext.Current.CancellationToken);

    public IHost PrepareClient()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddForgeClient(options => options.Gateways.Add(new IPEndPoint(IPAddress.Loopback, GatewayPort).ToString()));
        return builder.Build();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(TestContext.Current.CancellationToken);
        _host.Dispose();
    }
}
