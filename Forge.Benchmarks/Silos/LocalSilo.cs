using Forge.Benchmarks.Baselines;
using Forge.Client;
using Forge.Embedded;
using Forge.Grains.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;

namespace Forge.Benchmarks.Silos;

/// <summary>A silo in this process, as an agent service embeds one, and the stock grain storage that baselines use.</summary>
internal sealed class LocalSilo : ForgeAccess
{
    private readonly IHost _host;

    private LocalSilo(IHost host)
        : base(host.Services.GetRequiredService<IForgeClient>(), host.Services.GetRequiredService<IGrainFactory>()) => _host = host;

    public IServiceProvider Services => _host.Services;

    public int GatewayPort => _host.Services.GetRequiredService<ForgeEndpoints>().GatewayPort;

    public static async Task<LocalSilo> StartAsync(SiloSettings settings, Action<ForgeOptions>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Error)
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.AddForgeEmbedded(options =>
        {
            settings.Apply(options);
            configure?.Invoke(options);
        });
        builder.UseOrleans(silo => silo.AddBaselineStorage(settings));
        var host = builder.Build();
        await host.StartAsync();
        return new LocalSilo(host);
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
