using System.Net;
using Forge.Grains.Hosting;
using Forge.Grains.OrleansStorage;
using Forge.Grains.Tenants;
using Forge.Tenants;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Storage;

namespace Forge.Grains.Tests.OrleansStorage;

/// <summary>A silo with nothing but Orleans' own ADO.NET providers on our SQL, to drive grain storage by hand.</summary>
internal sealed class StorageHost : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly PortReservation[] _ports;

    private StorageHost(IHost host, PortReservation[] ports)
    {
        (_host, _ports) = (host, ports);
        Storage = host.Services.GetRequiredKeyedService<IGrainStorage>("orleans");
    }

    public IGrainStorage Storage { get; }

    public IServiceProvider Services => _host.Services;

    public static async Task<StorageHost> StartAsync(string invariant, string connectionString, bool clustered = false)
    {
        PortReservation[] ports = [PortReservation.Take(IPAddress.Loopback), PortReservation.Take(IPAddress.Loopback)];
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.AddAdoNetGrainStorage("orleans", options => (options.Invariant, options.ConnectionString) = (invariant, connectionString));
            silo.ConfigureEndpoints(IPAddress.Loopback, ports[0].Port, ports[1].Port);
            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("c", "s"));
            _ = clustered
                ? silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (invariant, connectionString))
                : silo.UseDevelopmentClustering(primarySiloEndpoint: null);
        });
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new StorageHost(host, ports);
    }

    public Task WriteAsync(string key, IGrainState<TenantState> state) => Storage.WriteStateAsync("tenant", Id(key), state);

    public Task ClearAsync(string key, IGrainState<TenantState> state) => Storage.ClearStateAsync("tenant", Id(key), state);

    public async Task<GrainState<TenantState>> ReadAsync(string key)
    {
        var state = new GrainState<TenantState>();
        await Storage.ReadStateAsync("tenant", Id(key), state);
        return state;
    }

    public static GrainState<TenantState> State(int bytes) =>
        new(new TenantState { Settings = new TenantSettings { MaxStateBytes = bytes } });

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        foreach (var port in _ports)
        {
            port.Dispose();
        }
    }

    private static GrainId Id(string key) => GrainId.Create("tenant", key);
}
