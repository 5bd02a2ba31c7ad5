using Forge.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Forge.Benchmarks.Silos;

/// <summary>A client in this process, of silos in others.</summary>
internal sealed class RemoteClient : ForgeAccess
{
    private readonly IHost _host;

    private RemoteClient(IHost host)
        : base(host.Services.GetRequiredService<IForgeClient>(), host.Services.GetRequiredService<IGrainFactory>()) => _host = host;

    public static async Task<RemoteClient> ConnectAsync(SiloSettings settings, params SiloProcess[] silos)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Error)
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        var options = new Grains.Hosting.ForgeOptions();
        settings.Apply(options);
        builder.AddForgeClient(client =>
        {
            (client.ClusterId, client.ServiceId) = (options.ClusterId, options.ServiceId);
            foreach (var silo in silos)
            {
                client.Gateways.Add($"127.0.0.1:{silo.GatewayPort}");
            }
        });
        var host = builder.Build();
        await host.StartAsync();
        return new RemoteClient(host);
    }

    public override async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        if (_host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
    }
}
