using System.Net.Http.Headers;
using Forge.Grains.Tests.Http;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Silo.Hosting;
using Forge.Silo.Rpc;
using Forge.Silo.Security.Callers;
using Forge.Silo.Security.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Tests.Security;

/// <summary>A silo with security on and a history in memory, unless settings say otherwise.</summary>
internal sealed class SecuredSilo : IAsyncDisposable
{
    /// <summary>How long a test waits for what comes within seconds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly WebApplication _app;

    private SecuredSilo(WebApplication app) => (_app, Client) = (app, new HttpClient { BaseAddress = new Uri(app.Urls.Single()) });

    /// <summary>A caller without a credential.</summary>
    public HttpClient Client { get; }

    public Uri Root => new(_app.Urls.Single());

    public IServiceProvider Services => _app.Services;

    public IAccess Store => Services.GetRequiredService<IAccess>();

    /// <summary>Every operation, by its route.</summary>
    public IEnumerable<RpcOperation> Operations => Services.GetRequiredService<RpcOperations>().All.Values;

    public IEnumerable<RouteEndpoint> Routes => Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    public static Task<SecuredSilo> StartAsync(params string[] settings) => StartAsync(null, settings);

    public static async Task<SecuredSilo> StartAsync(Action<IServiceCollection>? configure, params string[] settings)
    {
        var given = settings.ToDictionary(setting => setting.Split('=', 2)[0], setting => (string?)setting.Split('=', 2)[1]);
        given.TryAdd("urls", "http://127.0.0.1:0");
        given.TryAdd("Forge:Database", "Memory");
        given.TryAdd("Forge:SiloPort", "0");
        given.TryAdd("Forge:GatewayPort", "0");
        given.TryAdd("Forge:Security:Mode", "On");
        given.TryAdd("Forge:Security:CheckInterval", "00:00:00.1");
        var app = ForgeHost.Build(
            [],
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Configuration.AddInMemoryCollection(given);
                configure?.Invoke(builder.Services);
            });
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new SecuredSilo(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>A new key.</summary>
    public async Task<(string Id, string Text)> KeyAsync(string tenant, GivenScopes scopes)
    {
        var (key, text) = await Services.GetRequiredService<KeyRing>().CreateAsync(
            TenantId.Parse(tenant), new KeyDraft("of a test", scopes, null), "test", TestContext.Current.CancellationToken);
        return (KeyText.IdOf(key.Id), text);
    }

    /// <summary>A key that is ended or revoked, of all scopes.</summary>
    public async Task<string> BadKeyAsync(string tenant, bool isRevoked)
    {
        var past = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var made = KeyText.Make(out var text);
        var row = new AccessKey(made.Id, tenant, "bad", 7, made.Hash, past, isRevoked ? null : past.AddDays(1), isRevoked ? past.AddDays(1) : null, null);
        await Store.AddKeyAsync(
            row, 1_000, new AuditEntry(tenant, 0, past, "test", "test", "", "done", ""), TestContext.Current.CancellationToken);
        return text;
    }

    /// <summary>A caller with a credential.</summary>
    public HttpClient With(string token) => new()
    {
        BaseAddress = Root,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
    };

    /// <summary>A caller with a new key.</summary>
    public async Task<HttpClient> CallerAsync(string tenant, GivenScopes scopes = GivenScopes.Admin) => With((await KeyAsync(tenant, scopes)).Text);

    /// <summary>Asks until the answer is as wanted: what is waited for comes within seconds.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> isWanted)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Patience);
        while (true)
        {
            var answer = await ask();
            if (isWanted(answer))
            {
                return answer;
            }

            Assert.False(bound.IsCancellationRequested, $"The last answer was {(answer is HttpAnswer http ? http.Text : answer?.ToString())}");
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
