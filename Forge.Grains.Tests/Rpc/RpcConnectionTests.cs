using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Forge.Grains.Tests.Http;
using Forge.Silo.Http;
using Forge.Silo.Rpc;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Grains.Tests.Rpc;

/// <summary>Connections: many calls at once, their bounds, and their ends.</summary>
public sealed class RpcConnectionTests
{
    private const int Mega = 1024 * 1024;

    [Fact]
    public async Task Calls_AThousandInFlight_AreAnsweredAsTheyEndAndNoneWaitsForAnother()
    {
        await using var host = await RpcHost.StartAsync();
        await using var client = await host.ConnectAsync();
        List<Task<RpcReply>> held = [];
        for (var i = 0; i < 1000; i++)
        {
            held.Add((await client.BeginAsync(
                "createCheckpoint", $$"""{"session":"held-{{i % 10}}","message":"m{{i}}","state":{{i}}}""")).Answer);
        }

        await host.Held.UntilAsync(1000);
        Assert.Equal("live", (await client.ResultAsync("live", "{}")).GetProperty("status").GetString());
        Assert.DoesNotContain(held, call => call.IsCompleted);
        host.Held.Release();

        var answers = await Task.WhenAll(held);
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal($"m{i}", answers[i].Result.GetProperty("message").GetString());
        }

        for (var session = 0; session < 10; session++)
        {
            Assert.Equal(
                Enumerable.Range(1, 100).Select(n => (long)n),
                answers.Where((_, i) => i % 10 == session).Select(a => a.Result.GetProperty("sequence").GetInt64()).Order());
        }
    }

    [Fact]
    public async Task Calls_MoreThanMayBe_AreBusyAndTheConnectionGoesOn()
    {
        await using var host = await RpcHost.StartAsync("Forge:Rpc:CallsPerConnection=3");
        await using var client = await host.ConnectAsync();
        List<Task<RpcReply>> held = [];
        for (var i = 0; i < 3; i++)
        {
            held.Add((await client.BeginAsync("getSession", """{"session":"held"}""")).Answer);
        }

        var refused = await client.CallAsync("live", "{}");
        refused.MustRefuse(429, "busy");
        Assert.Equal("rpc calls", refused.Problem.GetProperty("resource").GetString());
        host.Held.Release();

        Assert.All(await Task.WhenAll(held), answer => answer.MustRefuse(404, "session_not_found"));
        await client.ResultAsync("live", "{}");
    }

    [Fact]
    public async Task Call_WithTheIdOfOneThatIsNotAnswered_IsRefused()
    {
        await using var host = await RpcHost.StartAsync();
        await using var client = await host.ConnectAsync();
        await client.SendAsync("""{"jsonrpc":"2.0","id":"a","method":"getSession","params":{"session":"held"}}""");
        await host.Held.UntilAsync(1);

        await client.SendAsync("""{"jsonrpc":"2.0","id":"a","method":"live"}""");
        (await client.NextAsync()).MustRefuse(-32600, "invalid_request");
        host.Held.Release();
        (await client.NextAsync()).MustRefuse(404, "session_not_found");
    }

    [Fact]
    public async Task Cancel_OfACallThatIsUnderWay_AnswersItSo()
    {
        await using var host = await RpcHost.StartAsync();
        await using var client = await host.ConnectAsync();
        var (read, reading) = await client.BeginAsync("getSession", """{"session":"held"}""");
        var (change, changing) = await client.BeginAsync("clearSession", """{"session":"held"}""");
        await host.Held.UntilAsync(2);

        await client.SendAsync($$$"""{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":{{{read}}}}}""");
        await client.SendAsync($$$"""{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":{{{change}}}}}""");

        (await reading).MustRefuse(-32800, "cancelled");
        (await changing).MustRefuse(-32800, "outcome_unknown");
    }

    [Fact]
    public async Task State_Of16MiB_ComesBackByteForByte()
    {
        await using var host = await RpcHost.StartAsync();
        await using var client = await host.ConnectAsync();
        var text = new StringBuilder("{ \"n\" : [1.0, 1e2,\t-0.50 ],\n  \"text\":\"");
        text.Append('x', (16 * Mega) - text.Length - 4).Append("\" }\n".TrimEnd());
        var state = text.ToString();
        Assert.InRange(state.Length, (16 * Mega) - 16, 16 * Mega);

        await client.ResultAsync("createCheckpoint", $$"""{"message":"large","state":{{state}},"session":"large"}""");

        var got = await client.CallAsync("getCheckpoint", """{"session":"large","checkpoint":"latest"}""");
        Assert.Equal(state, got.Result.GetProperty("state").GetRawText());
        var bytes = await client.ResultAsync("getState", """{"session":"large","checkpoint":1}""");
        Assert.Equal("application/json", bytes.GetProperty("contentType").GetString());
        Assert.Equal(state, Encoding.UTF8.GetString(bytes.GetProperty("base64").GetBytesFromBase64()));
        using var http = new HttpClient { BaseAddress = host.Root };
        Assert.Equal(state, (await new SessionHttp(http, "large").GetAsync("/checkpoints/1/state")).Text);

        // In base 64 it is larger than it may be only by one byte.
        var plain = new byte[(16 * Mega) + 1];
        (await client.CallAsync("createCheckpoint", Bytes(plain))).MustRefuse(413, "limit_exceeded", "state");
        await client.ResultAsync("createCheckpoint", Bytes(plain[..^1]));
        var read = await client.ResultAsync("getState", """{"session":"large","checkpoint":2}""");
        Assert.Equal(plain[..^1], read.GetProperty("base64").GetBytesFromBase64());
        Assert.Equal("application/octet-stream", read.GetProperty("contentType").GetString());
        await client.DisposeAsync();
        await NoBytesAsync(host);

        static string Bytes(byte[] state) => $$"""{"session":"large","message":"bytes","stateBase64":"{{Convert.ToBase64String(state)}}"}""";
    }

    [Fact]
    public async Task Message_ForWhichThereIsNoRoom_IsBusyUnderItsIdAndServiceResumes()
    {
        await using var host = await RpcHost.StartAsync($"Forge:Limits:RequestBytes={Mega}");
        await using var client = await host.ConnectAsync();
        var budget = host.Services.GetRequiredService<BodyBudget>();
        var others = budget.Open();
        others.Resize(Mega);
        var state = new string('x', 300_000);

        await client.SendAsync($$"""{"params":{"session":"s","message":"{\"id\":5}","id":7,"state":["{{state}}\"id\":8",{"id":9}]},"id":"last","jsonrpc":"2.0","method":"createCheckpoint"}""");
        var refused = await client.NextAsync();
        refused.MustRefuse(429, "busy");
        Assert.Equal("last", refused.Json.GetProperty("id").GetString());
        others.Dispose();

        await client.ResultAsync("createCheckpoint", $$"""{"session":"s","message":"m","state":"{{state}}"}""");
        await client.DisposeAsync();
        await NoBytesAsync(host);
    }

    [Fact]
    public async Task Answers_ForWhichThereIsNoRoom_AreBusyAndOfAChangeUnknown()
    {
        await using var host = await RpcHost.StartAsync($"Forge:Rpc:BytesPerConnection={Mega}");
        await using var client = await host.ConnectAsync();
        await using var other = await host.ConnectAsync();
        var state = new string('x', 600_000);
        await client.ResultAsync("createCheckpoint", $$"""{"session":"s","message":"m","state":"{{state}}"}""");

        // A call that waits holds room beside which the answers do not fit.
        var waiting = await client.BeginAsync("createCheckpoint", $$"""{"session":"held","message":"m","state":"{{state}}"}""");
        await host.Held.UntilAsync(1);
        (await client.CallAsync("getCheckpoint", """{"session":"s","checkpoint":1}""")).MustRefuse(429, "busy");
        (await client.CallAsync("restoreCheckpoint", """{"session":"s","checkpoint":1}""")).MustRefuse(503, "outcome_unknown");
        await other.ResultAsync("getCheckpoint", """{"session":"s","checkpoint":1}""");
        host.Held.Release();

        Assert.Null((await waiting.Answer).Number);
        await client.ResultAsync("getCheckpoint", """{"session":"s","checkpoint":1}""");
    }

    [Fact]
    public async Task Message_LargerThanAnyMayBe_ClosesWithAReason()
    {
        await using var host = await RpcHost.StartAsync("Forge:Limits:StateBytes=1000", "Forge:Limits:BatchBytes=1000", "Forge:Limits:BatchRecords=1");
        await using var client = await host.ConnectAsync();
        var limit = host.Services.GetRequiredService<RpcOperations>().MessageLimit;

        await client.SendAsync($$"""{"jsonrpc":"2.0","id":1,"method":"live"{{new string(' ', limit - 50)}}}""");
        Assert.Equal("live", (await client.NextAsync()).Result.GetProperty("status").GetString());
        await client.SendAsync(new string(' ', limit + (2 * Mega)));
        await client.EndAsync();

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, client.Status);
        Assert.Equal($"A message may have at most {limit} bytes.", client.Reason);
    }

    [Fact]
    public async Task Caller_WhoDoesNotRead_IsCutOffWithAReason()
    {
        await using var host = await RpcHost.StartAsync("Forge:Rpc:SendTimeout=00:00:00.1", "Forge:Rpc:CloseTimeout=00:01:00");
        await using var client = await host.ConnectAsync(reads: false);
        await using var other = await host.ConnectAsync();
        await FillAsync(client, other);

        while (!host.Log.Has("did not read"))
        {
            await Task.Yield();
        }

        await client.EndAsync();
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, client.Status);
        Assert.Equal("The answers are not read.", client.Reason);
        await other.ResultAsync("live", "{}");
    }

    [Fact]
    public async Task Caller_WhoNeverReads_LosesTheConnectionAndHoldsNothing()
    {
        await using var host = await RpcHost.StartAsync("Forge:Rpc:SendTimeout=00:00:00.1", "Forge:Rpc:CloseTimeout=00:00:00.1");
        await using var client = await host.ConnectAsync(reads: false);
        await using var other = await host.ConnectAsync();
        await FillAsync(client, other);

        while (host.Services.GetRequiredService<RpcConnections>().Count > 1)
        {
            await Task.Yield();
        }

        await NoBytesAsync(host);
        await other.ResultAsync("live", "{}");
    }

    [Fact]
    public async Task Stop_WithCallsUnderWay_AnswersThemAndCloses()
    {
        var host = await RpcHost.StartAsync("Forge:Rpc:CloseTimeout=00:01:00");
        await using var client = await host.ConnectAsync();
        await using var idle = await host.ConnectAsync();
        await idle.ResultAsync("live", "{}");
        var (_, held) = await client.BeginAsync("createCheckpoint", """{"session":"held","message":"m","state":1}""");
        await host.Held.UntilAsync(1);

        var stopping = host.StopAsync();
        await idle.EndAsync();
        Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "The silo is stopping."), (idle.Status, idle.Reason));
        (await client.CallAsync("live", "{}")).MustRefuse(503, "unavailable");
        host.Held.Release();

        Assert.Equal(1, (await held).Result.GetProperty("sequence").GetInt64());
        await client.EndAsync();
        Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "The silo is stopping."), (client.Status, client.Reason));
        await stopping;
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Connections_MoreThanMayBe_AreBusy()
    {
        await using var host = await RpcHost.StartAsync("Forge:Rpc:Connections=1");
        var first = await host.ConnectAsync();
        await first.ResultAsync("live", "{}");

        using var http = new HttpClient { BaseAddress = host.Root };
        (await UpgradeAsync(http)).MustRefuse(HttpStatusCode.TooManyRequests, "busy");
        await first.DisposeAsync();
        while (host.Services.GetRequiredService<RpcConnections>().Count > 0)
        {
            await Task.Yield();
        }

        await using var second = await host.ConnectAsync();
        await second.ResultAsync("live", "{}");
    }

    [Fact]
    public async Task Origin_OfAnotherHost_IsRefusedUnlessItIsAllowed()
    {
        await using var host = await RpcHost.StartAsync("Forge:Rpc:AllowedOrigins:0=https://app.example");
        using var http = new HttpClient { BaseAddress = host.Root };
        foreach (var origin in new[] { "https://evil.example", "null", $"{host.Root.Scheme}://127.0.0.1", "https://app.example.evil", "x" })
        {
            (await UpgradeAsync(http, origin)).MustRefuse(HttpStatusCode.Forbidden, "origin_refused", "origin");
        }

        foreach (var origin in new[] { "https://app.example", host.Root.GetLeftPart(UriPartial.Authority), null })
        {
            await using var client = await host.ConnectAsync(origin);
            await client.ResultAsync("live", "{}");
        }
    }

    [Fact]
    public async Task Request_ThatIsNoWebSocket_IsToldSo()
    {
        await using var host = await RpcHost.StartAsync();
        using var http = new HttpClient { BaseAddress = host.Root };
        using var response = await http.GetAsync("/v1/rpc", TestContext.Current.CancellationToken);

        (await HttpAnswer.ReadAsync(response)).MustRefuse(HttpStatusCode.UpgradeRequired, "upgrade_required");
        Assert.Equal("websocket", response.Headers.Upgrade.Single().Name);
    }

    [Theory]
    [InlineData("Forge:Rpc:Connections=0")]
    [InlineData("Forge:Rpc:SendTimeout=00:00:00")]
    [InlineData("Forge:Rpc:AllowedOrigins:0=https://app.example/path")]
    public async Task Start_WithABadSetting_NamesIt(string setting)
    {
        var exception = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => RpcHost.StartAsync(setting));

        Assert.Contains(setting.Split('=')[0].Replace(":0", "", StringComparison.Ordinal), exception.Message, StringComparison.Ordinal);
    }

    private static async Task FillAsync(RpcClient client, RpcClient other)
    {
        await other.ResultAsync("createCheckpoint", $$"""{"session":"large","message":"m","state":"{{new string('x', 15 * Mega)}}"}""");
        for (var i = 0; i < 3; i++)
        {
            await client.BeginAsync("getCheckpoint", """{"session":"large","checkpoint":1}""");
        }
    }

    private static async Task NoBytesAsync(RpcHost host)
    {
        while (host.Services.GetRequiredService<BodyBudget>().Bytes > 0)
        {
            await Task.Yield();
        }
    }

    private static async Task<HttpAnswer> UpgradeAsync(HttpClient http, string? origin = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/rpc");
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", Convert.ToBase64String(new byte[16]));
        if (origin is not null)
        {
            request.Headers.TryAddWithoutValidation("Origin", origin);
        }

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return await HttpAnswer.ReadAsync(response);
    }
}
