using Forge.Grains.Tests.Http;

namespace Forge.Grains.Tests.Mcp;

/// <summary>Tests by a client of the silo that HTTP's tests share, with a session of their own.</summary>
[Collection(HttpTests.Name)]
public abstract class McpServerTests(SiloServer server) : IAsyncLifetime
{
    protected SiloServer Server => server;

    /// <summary>The session, which a test makes.</summary>
    protected string Name { get; } = $"mcp-{Guid.NewGuid():N}";

    private protected McpCaller Caller { get; private set; } = null!;

    private protected SessionHttp Http => new(server.Client, Name);

    public virtual async ValueTask InitializeAsync() => Caller = await McpCaller.ConnectAsync(server.Client.BaseAddress!);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Caller.DisposeAsync();
    }
}
