using Forge.Silo.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Tests.Http;

/// <summary>The real host on a free port, with a history in memory. Tests share it and keep to sessions of their own.</summary>
public sealed class SiloServer : IAsyncLifetime
{
    /// <summary>The greatest state that this silo takes.</summary>
    public const int StateLimit = 64 * 1024;

    /// <summary>The most streams that this silo serves.</summary>
    public const int StreamLimit = 6;

    private WebApplication? _app;
    private HttpClient? _client;

    public HttpClient Client => _client!;

    public IServiceProvider Services => _app!.Services;

    /// <summary>Every route of the running application, so that none is forgotten; but no HEAD, whose answer has no body to look at.</summary>
    internal IEnumerable<SiloRoute> Routes() =>
        from route in Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
        where method != "HEAD"
        select new SiloRoute("/" + route.RoutePattern.RawText!.Trim('/'), method, route);

    public async ValueTask InitializeAsync()
    {
        _app = ForgeHost.Build(
            ["--urls", "http://127.0.0.1:0", "--Forge:Database", "Memory", "--Forge:SiloPort", "0", "--Forge:GatewayPort", "0"],
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
                {
                    ["Forge:Limits:StateBytes"] = $"{StateLimit}",
                    ["Forge:Limits:BatchBytes"] = $"{StateLimit}",
                    ["Forge:Streams:HttpStreams"] = $"{StreamLimit}",
                    ["Forge:Streams:Heartbeat"] = "00:00:00.2",
                    ["Forge:Retention:SweepInterval"] = "00:00:00.1",
                });
            });
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
    }
}

/// <summary>A route of the application.</summary>
internal sealed record SiloRoute(string Path, string Method, RouteEndpoint Route)
{
    /// <summary>Where it is reached.</summary>
    public string Address(string session = "s", string checkpoint = "1") => Path
        .Replace("{session}", session, StringComparison.Ordinal)
        .Replace("{checkpoint}", checkpoint, StringComparison.Ordinal)
        .Replace("{documentName}", "v1", StringComparison.Ordinal);
}

/// <summary>One server for all tests of HTTP.</summary>
[CollectionDefinition(Name)]
public sealed class HttpTests : ICollectionFixture<SiloServer>
{
    public const string Name = "http";
}
