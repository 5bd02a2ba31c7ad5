using System.Net.WebSockets;
using System.Text;
using System.Text.Unicode;
using Forge.Grains.Tests.Fuzz;
using Forge.Grains.Tests.Http;
using Forge.Silo.Rpc;

namespace Forge.Grains.Tests.Rpc;

/// <summary>Messages that are none, or wrong: each is answered, and the connection goes on.</summary>
[Collection(HttpTests.Name)]
public sealed class RpcMessageTests(SiloServer server)
{
    [Theory]
    [InlineData("", -32700)]
    [InlineData("{", -32700)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"live"}}""", -32700)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"live",}""", -32700)]
    [InlineData("not json", -32700)]
    [InlineData("[1,", -32700)]
    [InlineData("[]", -32600)]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"live"}]""", -32600)]
    [InlineData("1", -32600)]
    [InlineData("\"text\"", -32600)]
    [InlineData("null", -32600)]
    [InlineData("{}", -32600)]
    [InlineData("""{"id":1,"method":"live"}""", -32600, "1")]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"live"}""", -32600, "1")]
    [InlineData("""{"jsonrpc":2.0,"id":1,"method":"live"}""", -32600, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1}""", -32600, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":5}""", -32600, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1.5,"method":"live"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":null,"method":"live"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":{},"method":"live"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":99999999999999999999,"method":"live"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":"\ud800","method":"live"}""", -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"live","method":"live"}""", -32600, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"live","parms":{}}""", -32600, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"$/cancelRequest","params":{"id":5}}""", -32600, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":"a","method":"noSuchMethod","params":{}}""", -32601, "\"a\"")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"Live"}""", -32601, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}""", -32601, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"live","params":[]}""", -32602, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"live","params":null}""", -32602, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"live","params":{"a":1}}""", -32602, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"getSession"}""", -32602, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"getSession","params":{"session":null}}""", -32602, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"getSession","params":{"session":{}}}""", -32602, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"getSession","params":{"session":["a"]}}""", -32602, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"getSession","params":{"session":"a/b"}}""", -32602, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"getSession","params":{"session":"\ud800"}}""", -32602, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"getSession","params":{"session":"a","session":"a"}}""", -32602, "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"clearSession","params":{"session":"a","idempotencyKey":"\u0000first/k"}}""", -32602, "1")]
    public async Task Message_ThatIsWrong_IsAnsweredAndTheConnectionGoesOn(string message, int number, string id = "null")
    {
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);

        await client.SendAsync(message);
        var reply = await client.NextAsync();

        Assert.Equal(id, reply.Json.GetProperty("id").GetRawText());
        reply.MustRefuse(number, number == -32601 ? "method_not_found" : "invalid_request");
        await client.ResultAsync("live", "{}");
    }

    [Fact]
    public async Task Message_ThatIsBinary_IsAnsweredAndTheConnectionGoesOn()
    {
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);

        await client.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"live"}"""u8.ToArray(), WebSocketMessageType.Binary);
        (await client.NextAsync()).MustRefuse(-32600, "invalid_request");
        await client.ResultAsync("live", "{}");
    }

    [Fact]
    public async Task Message_TextThatIsNoUtf8_EndsTheConnectionAsTheProtocolHasIt()
    {
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);

        await client.SendAsync([.. "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"live\",\"params\":{\""u8, 0xff, .. "\":1}}"u8]);
        await client.EndAsync();

        // The WebSocket of .NET ends it by itself, and its goodbye may be lost with the connection.
        Assert.True(client.Status is null or WebSocketCloseStatus.InvalidPayloadData, $"{client.Status}");
        await using var next = await RpcClient.ConnectAsync(server.Client.BaseAddress!);
        await next.ResultAsync("live", "{}");
    }

    [Fact]
    public async Task Notification_OfAnOperation_IsCarriedOutAndNotAnswered()
    {
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);
        var session = $"s-{Guid.NewGuid():N}";

        await client.SendAsync($$$"""{"jsonrpc":"2.0","method":"createCheckpoint","params":{"session":"{{{session}}}","message":"m","state":1}}""");
        await client.SendAsync("""{"jsonrpc":"2.0","method":"noSuchMethod"}""");
        while ((await client.CallAsync("getSession", $$"""{"session":"{{session}}"}""")).Number is not null)
        {
            await Task.Yield();
        }

        Assert.False(client.Others.TryRead(out _));
    }

    [Fact]
    public void IdScanner_AnyCut_FindsTheIdOfTheMessage()
    {
        (string Message, string? Id)[] cases =
        [
            ("""{"jsonrpc":"2.0","id":5,"method":"m"}""", "5"),
            ("""{ "params" : { "id" : 7, "a":["{\"id\":8",{"id":9}] } , "id" : "a\"b" }""", "a\"b"),
            ("""{"method":"id","id":-1}""", "-1"),
            ("""{"id":{"id":1}}""", null),
            ("""{"id":[1]}""", null),
            ("""[{"id":1}]""", null),
            ("""{"a":"id","b":1}""", null),
            ("", null),
        ];
        foreach (var (message, id) in cases)
        {
            var bytes = Encoding.UTF8.GetBytes(message);
            for (var cut = 0; cut <= bytes.Length; cut++)
            {
                var scanner = new IdScanner();
                scanner.Pass(bytes.AsSpan(0, cut));
                scanner.Pass(bytes.AsSpan(cut));
                Assert.Equal(id, scanner.Id.IsEmpty ? null : scanner.Id.ToString());
            }
        }
    }

    [Fact]
    public async Task AnyMessage_ChangedAtRandom_IsAnsweredAndTheConnectionGoesOn()
    {
        var cases = FuzzSettings.Cases / 20;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {FuzzSettings.Seed}, {cases} cases");
        var session = $"rpc-fuzz-{Guid.NewGuid():N}";
        string[] seeds =
        [
            $$$"""{"jsonrpc":"2.0","id":4000000001,"method":"createCheckpoint","params":{"session":"{{{session}}}","message":"m","state":{"a":[1.0,"b"]},"tags":["t"],"idempotencyKey":"k"}}""",
            $$$"""{"jsonrpc":"2.0","id":"x","method":"listCheckpoints","params":{"session":"{{{session}}}","limit":5,"order":"oldest","tag":"t"}}""",
            $$$"""{"jsonrpc":"2.0","id":4000000002,"method":"createCheckpoints","params":{"session":"{{{session}}}","checkpoints":[{"message":"a","state":1},{"message":"b","stateBase64":"AAEC"}]}}""",
            """{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":4000000001}}""",
            """{"jsonrpc":"2.0","id":4000000003,"method":"listSessions","params":{"label":["a:b","c:d"],"limit":1}}""",
        ];
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);
        for (var number = 0; number < cases; number++)
        {
            var random = FuzzSettings.Case(number);
            var message = Encoding.UTF8.GetBytes(seeds[random.Next(seeds.Length)]);
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                message = ByteChanges.Change(message, random);
            }

            // Text that is no UTF-8 is nothing that a message can be.
            var isText = Utf8.IsValid(message) && random.Next(20) > 0;
            await client.SendAsync(message, isText ? WebSocketMessageType.Text : WebSocketMessageType.Binary);
            if (number % 50 == 49)
            {
                await client.ResultAsync("live", "{}");
            }

            while (client.Others.TryRead(out var reply))
            {
                Assert.True(
                    reply.Number is null or -32800 || (reply.Number != -32603 && reply.Problem.GetProperty("status").GetInt32() is < 500 or 501),
                    $"seed {FuzzSettings.Seed}, case {number} or before: {reply.Text}");
            }
        }

        Assert.Null(client.Status);
    }
}
