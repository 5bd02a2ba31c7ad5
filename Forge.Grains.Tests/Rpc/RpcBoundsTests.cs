using System.Net.WebSockets;
using System.Text;
using Forge.Silo.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Grains.Tests.Rpc;

/// <summary>What one connection may take, however it is sent.</summary>
public sealed class RpcBoundsTests
{
    private const int Mega = 1024 * 1024;

    [Fact]
    public async Task Fragments_ThatAreEmpty_TakeNoRoom()
    {
        await using var host = await RpcHost.StartAsync($"Forge:Limits:RequestBytes={Mega}");
        using var others = host.Services.GetRequiredService<BodyBudget>().Open();
        others.Resize(1);
        using var socket = new ClientWebSocket();
        var cancel = TestContext.Current.CancellationToken;
        await socket.ConnectAsync(new UriBuilder(host.Root) { Scheme = "ws", Path = "/v1/rpc" }.Uri, cancel);
        for (var i = 0; i < 1000; i++)
        {
            await socket.SendAsync(ReadOnlyMemory<byte>.Empty, WebSocketMessageType.Text, endOfMessage: false, cancel);
        }

        await socket.SendAsync(
            """{"jsonrpc":"2.0","id":1,"method":"live"}"""u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, cancel);
        var buffer = new byte[64 * 1024];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), cancel);

        Assert.Contains("\"result\"", Encoding.UTF8.GetString(buffer, 0, received.Count), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_ThatCannotBePutTogether_IsBusyUnderItsId()
    {
        await using var host = await RpcHost.StartAsync($"Forge:Rpc:BytesPerConnection={Mega}");
        await using var client = await host.ConnectAsync();
        var held = await client.BeginAsync("createCheckpoint", Create("held", 300_000));
        await host.Held.UntilAsync(1);

        await client.SendAsync($$"""{"jsonrpc":"2.0","method":"createCheckpoint","params":{{Create("s", 400_000)}},"id":"large"}""");
        var refused = await client.NextAsync();
        host.Held.Release();

        refused.MustRefuse(429, "busy");
        Assert.Equal("large", refused.Json.GetProperty("id").GetString());
        Assert.Null((await held.Answer).Number);
        await client.ResultAsync("createCheckpoint", Create("s", 400_000));

        static string Create(string session, int size) => $$"""{"session":"{{session}}","message":"m","state":"{{new string('x', size)}}"}""";
    }

    [Fact]
    public async Task Parameters_LargerThanTheHeadOfARequest_AreRefused()
    {
        await using var host = await RpcHost.StartAsync();
        await using var client = await host.ConnectAsync();

        var refused = await client.CallAsync("listCheckpoints", $$"""{"session":"s","tag":"{{new string('t', GivenObject.Frame)}}"}""");

        refused.MustRefuse(413, "limit_exceeded", "tag");
        await client.ResultAsync("live", "{}");
    }

    [Fact]
    public async Task Names_ManyOrLongOnes_AreRefusedWithAShortAnswer()
    {
        await using var host = await RpcHost.StartAsync();
        await using var client = await host.ConnectAsync();
        var name = new string('n', Mega);
        var names = string.Join(',', Enumerable.Range(0, 50_000).Select(i => $"\"a{i}\":1"));

        await client.SendAsync($$"""{"jsonrpc":"2.0","id":"one","method":"live","{{name}}":1}""");
        var one = await client.NextAsync();
        await client.SendAsync($$"""{"jsonrpc":"2.0","id":"many","method":"live",{{names}}}""");
        var many = await client.NextAsync();
        var parameter = await client.CallAsync("live", $$"""{"{{name}}":1}""");

        one.MustRefuse(-32600, "invalid_request");
        many.MustRefuse(-32600, "invalid_request");
        parameter.MustRefuse(-32602, "invalid_request");
        Assert.All([one, many, parameter], reply => Assert.InRange(reply.Text.Length, 1, 2000));
    }

    [Fact]
    public async Task Id_UsedAgainBehindItsAnswer_IsTaken()
    {
        await using var host = await RpcHost.StartAsync("Forge:Rpc:CallsPerConnection=2");
        await using var client = await host.ConnectAsync();
        var id = new string('\u00e9', 256);
        for (var i = 0; i < 200; i++)
        {
            await client.SendAsync($$"""{"jsonrpc":"2.0","id":"{{id}}","method":"live"}""");
            var answer = await client.NextAsync();
            Assert.Equal(id, answer.Json.GetProperty("id").GetString());
            Assert.Equal("live", answer.Result.GetProperty("status").GetString());
        }

        await client.SendAsync($$"""{"jsonrpc":"2.0","id":"{{id}}x","method":"live"}""");
        (await client.NextAsync()).MustRefuse(-32600, "invalid_request");
    }
}
