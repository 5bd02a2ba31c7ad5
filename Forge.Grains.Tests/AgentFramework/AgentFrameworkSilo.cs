using Forge.AgentFramework.Workflows;
using Forge.Client;
using Forge.Grains.Tests.AgentFramework;
using Forge.Grains.Tests.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

[assembly: AssemblyFixture(typeof(AgentFrameworkSilo))]

namespace Forge.Grains.Tests.AgentFramework;

/// <summary>A silo on real sockets and a client of it, begun by the first test that asks.</summary>
public sealed class AgentFrameworkSilo : IAsyncDisposable
{
    private readonly Lazy<Task<(RealSilo Silo, IHost Host)>> _started = new(StartAsync);
    private int _names;

    /// <summary>A name that no other test has.</summary>
    public string NewName() => $"session-{Interlocked.Increment(ref _names)}";

    public async Task<IForgeClient> ClientAsync() => (await _started.Value).Host.Services.GetRequiredService<IForgeClient>();

    internal async Task<ForgeCheckpointStore> StoreAsync(int pageItems = 1000) =>
        new(await ClientAsync(), new ForgeCheckpointStoreOptions { PageItems = pageItems });

    public async ValueTask DisposeAsync()
    {
        if (_started.IsValueCreated)
        {
            var (silo, host) = await _started.Value;
            await host.StopAsync();
            host.Dispose();
            await silo.DisposeAsync();
        }
    }

    private static async Task<(RealSilo, IHost)> StartAsync()
    {
        var silo = RealSilo.Prepare();
        await silo.StartAsync();
        var host = silo.PrepareClient();
        await host.StartAsync();
        return (silo, host);
    }
}
