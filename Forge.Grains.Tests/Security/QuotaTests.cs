using System.Net;
using System.Net.Sockets;
using System.Text;
using Forge.Grains.Tests.Http;
using Forge.Grains.Tests.Rpc;
using Forge.Silo.Quotas;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Security;

/// <summary>What a tenant may have of a silo.</summary>
public sealed class QuotaTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_MoreThanATenantMayMake_AreRefusedAndThoseOfOthersAreNot()
    {
        await using var silo = await SecuredSilo.StartAsync("Forge:Quotas:RequestsPerSecond=1", "Forge:Quotas:Tenants:large:RequestsPerSecond=100000");
        using var small = await silo.CallerAsync("small");
        using var large = await silo.CallerAsync("large");

        // More at once than come in again meanwhile, however slow the machine is.
        var refused = await SecuredSilo.UntilAsync(
            async () => (await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => GetAsync(small, "/v1/whoami"))))[^1],
            answer => answer.Status == HttpStatusCode.TooManyRequests);

        refused.MustRefuse(HttpStatusCode.TooManyRequests, "quota_exceeded");
        Assert.Equal("requestsPerSecond", refused.Json.GetProperty("quota").GetString());
        Assert.InRange(int.Parse(Assert.Single(refused.Headers["Retry-After"]), System.Globalization.CultureInfo.InvariantCulture), 1, 2);
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await GetAsync(large, "/v1/whoami")).Status);
            Assert.Equal(HttpStatusCode.OK, (await GetAsync(silo.Client, "/health/live")).Status);
        }
    }

    [Fact]
    public async Task Requests_InAConnection_CountAsThoseOverHttp()
    {
        await using var silo = await SecuredSilo.StartAsync("Forge:Quotas:RequestsPerSecond=1");
        var (_, text) = await silo.KeyAsync("a", Silo.Security.Callers.GivenScopes.Read);
        await using var client = await RpcClient.ConnectAsync(silo.Root, configure: options => options.SetRequestHeader("Authorization", $"Bearer {text}"));

        var refused = await SecuredSilo.UntilAsync(() => client.CallAsync("whoAmI", "{}"), reply => reply.Number is not null);

        refused.MustRefuse(429, "quota_exceeded");
        Assert.Equal("requestsPerSecond", refused.Problem.GetProperty("quota").GetString());
    }

    [Theory]
    [InlineData("unsubscribe")]
    [InlineData("noSuchMethod")]
    public async Task Requests_OfWhateverMethodInAConnection_Count(string method)
    {
        await using var silo = await SecuredSilo.StartAsync("Forge:Quotas:RequestsPerSecond=1");
        var (_, text) = await silo.KeyAsync("a", Silo.Security.Callers.GivenScopes.Read);
        await using var client = await RpcClient.ConnectAsync(silo.Root, configure: options => options.SetRequestHeader("Authorization", $"Bearer {text}"));

        var refused = await SecuredSilo.UntilAsync(() => client.CallAsync(method, "{}"), reply => reply.Number == 429);

        refused.MustRefuse(429, "quota_exceeded");
    }

    [Fact]
    public async Task Bytes_MoreThanATenantMaySend_AreOwed()
    {
        await using var silo = await SecuredSilo.StartAsync("Forge:Quotas:BytesPerSecond=1000");
        using var caller = await silo.CallerAsync("a");
        using var other = await silo.CallerAsync("b");
        var session = new SessionHttp(caller, "s");
        await session.CreateAsync(new string('x', 3_000));

        var refused = await session.PostAsync("/checkpoints", """{"message":"m"}""");

        refused.MustRefuse(HttpStatusCode.TooManyRequests, "quota_exceeded");
        Assert.Equal("bytesPerSecond", refused.Json.GetProperty("quota").GetString());
        await new SessionHttp(other, "s").CreateAsync("one");
    }

    [Fact]
    public async Task Streams_MoreThanATenantMayHave_AreRefusedUntilOneEnds()
    {
        await using var silo = await SecuredSilo.StartAsync("Forge:Quotas:Streams=1");
        using var caller = await silo.CallerAsync("a");
        var (_, text) = await silo.KeyAsync("a", Silo.Security.Callers.GivenScopes.Read);
        await using (await RpcClient.ConnectAsync(silo.Root, configure: options => options.SetRequestHeader("Authorization", $"Bearer {text}")))
        {
            var refused = await StreamAsync(caller);
            refused.MustRefuse(HttpStatusCode.TooManyRequests, "quota_exceeded");
            Assert.Equal("streams", refused.Json.GetProperty("quota").GetString());
        }

        await SecuredSilo.UntilAsync(() => StatusAsync(caller), status => status == HttpStatusCode.OK);
        await SecuredSilo.UntilAsync(() => StatusAsync(caller), status => status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Quotas_NotSet_BoundNothing()
    {
        await using var silo = await SecuredSilo.StartAsync();
        Assert.False(((TenantQuotas)silo.Services.GetService(typeof(TenantQuotas))!).HasAny);
    }

    [Fact]
    public void Meter_WhatIsOverTheRate_IsPaidOffByTime()
    {
        var time = new FakeTimeProvider();
        var meter = new ByteMeter(100, time);
        Assert.Null(meter.Wait());
        meter.Take(350);
        Assert.Equal(2.51, meter.Wait()!.Value.TotalSeconds, 3);
        time.Advance(TimeSpan.FromSeconds(2.5));
        Assert.NotNull(meter.Wait());
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Null(meter.Wait());
        time.Advance(TimeSpan.FromHours(1));
        meter.Take(100);
        Assert.NotNull(meter.Wait());
        meter.Take(long.MaxValue);
        Assert.Equal(TimeSpan.FromHours(1), meter.Wait());
    }

    [Theory]
    [InlineData("/health/live", null)]
    [InlineData("/health/live", "default")]
    [InlineData("/v1/whoami", "default")]
    public async Task Bytes_ThatAreOnlySaid_CountForNobody(string path, string? tenant)
    {
        await using var silo = await SecuredSilo.StartAsync("Forge:Quotas:BytesPerSecond=1000");
        using var caller = await silo.CallerAsync("default");
        var (_, text) = await silo.KeyAsync(tenant ?? "default", Silo.Security.Callers.GivenScopes.Admin);
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(silo.Client.BaseAddress!.Host, silo.Client.BaseAddress.Port, Cancel);
            var stream = socket.GetStream();
            var credential = tenant is null ? "" : $"Authorization: Bearer {text}\r\n";
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: forge\r\n{credential}Content-Length: {long.MaxValue}\r\n\r\n"), Cancel);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            Assert.DoesNotContain(" 500 ", await reader.ReadLineAsync(Cancel), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, (await GetAsync(caller, "/v1/whoami")).Status);
    }

    [Theory]
    [InlineData(-1, 0, "Forge:Quotas:RequestsPerSecond")]
    [InlineData(0, -1, "Forge:Quotas:Streams")]
    public void Options_BelowZero_AreRefused(int requests, int streams, string named)
    {
        var result = new QuotaOptionsValidator().Validate(null, new QuotaOptions { RequestsPerSecond = requests, Streams = streams });
        Assert.Contains(named, Assert.Single(result.Failures!), StringComparison.Ordinal);
    }

    private static async Task<HttpAnswer> GetAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path, Cancel);
        return await HttpAnswer.ReadAsync(response);
    }

    private static async Task<HttpAnswer> StreamAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/feed") { Headers = { { "Accept", "text/event-stream" } } };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        return await HttpAnswer.ReadAsync(response);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/feed") { Headers = { { "Accept", "text/event-stream" } } };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        return response.StatusCode;
    }
}
