using Forge.Grains.Tests.Rpc;

namespace Forge.Grains.Tests.Mcp;

/// <summary>Tests by a client of a silo of their own.</summary>
/// <param name="settings">The silo's settings.</param>
public abstract class McpHostTests(params string[] settings) : IAsyncLifetime
{
    private protected RpcHost Host { get; private set; } = null!;

    protected HttpClient Http { get; private set; } = null!;

    private protected McpCaller Caller { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await RpcHost.StartAsync(settings);
        Http = new HttpClient { BaseAddress = Host.Root };
        Caller = await McpCaller.ConnectAsync(Host.Root);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Caller.DisposeAsync();
        Http.Dispose();
        await Host.DisposeAsync();
    }
}
