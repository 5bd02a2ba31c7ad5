using System.Net;
using System.Net.WebSockets;
using Forge.Grains.Tests.Http;
using Forge.Grains.Tests.PostgreSql;
using Forge.Grains.Tests.Rpc;
using Forge.Silo.Security.Callers;

namespace Forge.Grains.Tests.Security;

/// <summary>A key that was revoked is good nowhere within seconds, and what it holds open is cut off.</summary>
public sealed class RevocationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WebSocket_WhoseKeyIsRevoked_IsClosedWithTheReason()
    {
        await using var silo = await SecuredSilo.StartAsync();
        using var admin = await silo.CallerAsync("a");
        var (id, text) = await silo.KeyAsync("a", GivenScopes.Read);
        await using var client = await ConnectAsync(silo, text);
        await client.ResultAsync("whoAmI", "{}");

        await RevokeAsync(admin, id);

        await client.EndAsync().WaitAsync(SecuredSilo.Patience, Cancel);
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "The key was revoked."), (client.Status, client.Reason));
    }

    [Fact]
    public async Task WebSocket_WhoseKeyEnds_IsClosedWithTheReason()
    {
        await using var silo = await SecuredSilo.StartAsync();
        var keys = (Silo.Security.Keys.KeyRing)silo.Services.GetService(typeof(Silo.Security.Keys.KeyRing))!;
        var (_, text) = await keys.CreateAsync(
            Forge.Identity.TenantId.Parse("a"),
            new("short", GivenScopes.Read, TimeProvider.System.GetUtcNow().AddSeconds(3)), "test", Cancel);
        await using var client = await ConnectAsync(silo, text);

        await client.EndAsync().WaitAsync(SecuredSilo.Patience, Cancel);

        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "The credential has ended."), (client.Status, client.Reason));
    }

    [Theory]
    [InlineData("/v1/sessions/s/events")]
    [InlineData("/v1/feed")]
    public async Task EventStream_WhoseKeyIsRevoked_EndsWithAnError(string path)
    {
        await using var silo = await SecuredSilo.StartAsync();
        using var admin = await silo.CallerAsync("a");
        await new SessionHttp(admin, "s").CreateAsync("one");
        var (id, text) = await silo.KeyAsync("a", GivenScopes.Read);
        using var reader = silo.With(text);
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", "text/event-stream" } } };
        using var response = await reader.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        await RevokeAsync(admin, id);

        var told = await response.Content.ReadAsStringAsync(Cancel).WaitAsync(SecuredSilo.Patience, Cancel);
        Assert.Contains("event: error", told, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"unauthenticated\"", told, StringComparison.Ordinal);
        Assert.Contains("The key was revoked.", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoke_AtOneSilo_ReachesAnother()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        string[] settings = ["Forge:Database=PostgreSql", $"ConnectionStrings:Forge={database}"];
        await using (var here = await SecuredSilo.StartAsync(settings))
        await using (var there = await SecuredSilo.StartAsync(settings))
        {
            using var admin = await here.CallerAsync("a");
            var (id, text) = await here.KeyAsync("a", GivenScopes.Write);
            using var reader = there.With(text);
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(reader));
            await using var client = await ConnectAsync(there, text);

            await RevokeAsync(admin, id);

            await SecuredSilo.UntilAsync(() => StatusAsync(reader), status => status == HttpStatusCode.Unauthorized);
            await client.EndAsync().WaitAsync(SecuredSilo.Patience, Cancel);
            Assert.Equal("The key was revoked.", client.Reason);
        }

        await PostgreSqlServer.Shared.DropDatabaseAsync(database);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var response = await client.GetAsync("/v1/whoami", Cancel);
        return response.StatusCode;
    }

    private static async Task RevokeAsync(HttpClient admin, string id)
    {
        using var response = await admin.DeleteAsync($"/v1/keys/{id}", Cancel);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    private static Task<RpcClient> ConnectAsync(SecuredSilo silo, string token) =>
        RpcClient.ConnectAsync(silo.Root, configure: options => options.SetRequestHeader("Authorization", $"Bearer {token}"));
}
