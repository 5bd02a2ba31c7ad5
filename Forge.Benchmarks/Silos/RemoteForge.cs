using Forge.Client;
using Forge.Grains.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Forge.Benchmarks.Silos;

/// <summary>The full path: silos in processes of their own, and a client of them in this one.</summary>
internal sealed class RemoteForge : ForgeAccess
{
    private readonly IHost _host;
    private readonly IReadOnlyList<SiloProcess> _silos;

    private RemoteForge(IHost host, IReadOnlyList<SiloProcess> silos)
        : base(host.Services.GetRequiredService<IForgeClient>(), host.Services.GetRequiredService<IGrainFactory>()) =>
        (_host, _silos) = (host, silos);

    /// <summary>The processor time that the silos have used together.</summary>
    public TimeSpan SilosProcessorTime() => _silos.Aggregate(TimeSpan.Zero, (sum, silo) => sum + silo.ProcessorTime);

    /// <summary>Where clients reach the silos.</summary>
    public IEnumerable<int> GatewayPorts => _silos.Select(silo => silo.GatewayPort);

    /// <summary>Connects to silos that others have started.</summary>
    /// <param name="settings">Those of the silos.</param>
    /// <param name="gatewayPorts">Where clients reach them.</param>
    /// <param name="connections">What stands between the client and its connections; null for nothing.</param>
    public static async Task<RemoteForge> ConnectAsync(
        SiloSettings settings, IReadOnlyList<int> gatewayPorts, Action<IConnectionBuilder>? connections = null)
    {
        var host = Connect(settings, gatewayPorts, connections);
        await host.StartAsync();
        return new RemoteForge(host, []);
    }

    /// <summary>Starts a cluster of silos and connects to all of them.</summary>
    public static async Task<RemoteForge> StartAsync(SiloSettings settings, int silos = 1)
    {
        var processes = new List<SiloProcess>();
        IHost? host = null;
        try
        {
            while (processes.Count < silos)
            {
                processes.Add(await SiloProcess.StartAsync(settings));
            }

            host = Connect(settings, [.. processes.Select(silo => silo.GatewayPort)]);
            await host.StartAsync();
            return new RemoteForge(host, processes);
        }
        catch
        {
            await EndAsync(host, processes);
            throw;
        }
    }

    public override async ValueTask DisposeAsync() => await EndAsync(_host, _silos);

    private static IHost Connect(SiloSettings settings, IReadOnlyList<int> gatewayPorts, Action<IConnectionBuilder>? connections = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        var options = new ForgeOptions();
        settings.Apply(options);
        builder.AddForgeClient(client =>
        {
            (client.ClusterId, client.ServiceId) = (options.ClusterId, options.ServiceId);
            foreach (var port in gatewayPorts)
            {
                client.Gateways.Add($"{options.ListenAddress}:{port}");
            }
        });
        if (connections is not null)
        {
            builder.Services.Configure<ClientConnectionOptions>(options => options.ConfigureConnection(connections));
        }

        return builder.Build();
    }

    private static async Task EndAsync(IHost? host, IReadOnlyList<SiloProcess> silos)
    {
        if (host is not null)
        {
            await host.StopAsync();
            host.Dispose();
        }

        foreach (var silo in silos)
        {
            await silo.DisposeAsync();
        }
    }
}
