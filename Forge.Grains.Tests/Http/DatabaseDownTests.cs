using System.Net;
using Forge.Grains.Tests.PostgreSql;
using Forge.Silo.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Forge.Grains.Tests.Http;

public sealed class DatabaseDownTests
{
    [Fact]
    public async Task AnyRoute_DatabaseStoppedAndStarted_SaysSoAndServesAgain()
    {
        await using var server = PostgreSqlServer.StartPrivate();
        var database = await server.CreateDatabaseAsync();
        await using var app = ForgeHost.Build(
            [
                "--urls", "http://127.0.0.1:0", "--Forge:Database", "PostgreSql", "--ConnectionStrings:Forge", database,
                "--Forge:SiloPort", "0", "--Forge:GatewayPort", "0",
            ],
            builder => builder.Logging.ClearProviders());
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var session = new SessionHttp(client, "s");
        await session.CreateAsync("before");

        server.Kill();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/health/live"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(client, "/health/ready"));
        var refused = await session.PostAsync("/checkpoints", """{"message":"m","state":1}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Contains(refused.Code, new[] { "unavailable", "outcome_unknown" });
        Assert.Equal("1", refused.Headers["Retry-After"].Single());
        (await session.GetAsync("/checkpoints/latest")).MustRefuse(HttpStatusCode.ServiceUnavailable, "unavailable");

        server.Start();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await StatusAsync(client, "/health/ready") != HttpStatusCode.OK)
        {
            patience.Token.ThrowIfCancellationRequested();
        }

        // Connections that died with the server may cost a caller one more refusal each; the key makes repeats harmless.
        HttpAnswer after;
        do
        {
            patience.Token.ThrowIfCancellationRequested();
            after = await session.PostAsync("/checkpoints", """{"message":"after","state":1}""", ("Idempotency-Key", "k"));
        }
        while (after.Status == HttpStatusCode.ServiceUnavailable);

        Assert.Equal(HttpStatusCode.Created, after.Status);
        Assert.Equal(2, after.Json.GetProperty("sequence").GetInt64());
        Assert.Equal(2, (await session.GetAsync("")).Json.GetProperty("count").GetInt64());
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
