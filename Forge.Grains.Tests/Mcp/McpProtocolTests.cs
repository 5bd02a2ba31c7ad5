using System.Net;
using System.Text.Json;
using Forge.Grains.Tests.Http;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace Forge.Grains.Tests.Mcp;

/// <summary>The protocol of both ages, and what is refused before any tool is asked.</summary>
[Collection(HttpTests.Name)]
public sealed class McpProtocolTests(SiloServer server)
{
    private readonly McpRawCaller _raw = new(server.Client);

    [Theory]
    [InlineData(McpCaller.Newest)]
    [InlineData(McpCaller.WithHandshake)]
    [InlineData("2025-06-18")]
    [InlineData("2025-03-26")]
    [InlineData(null)]
    public async Task Client_OfAnyVersion_ListsAndCallsTools(string? version)
    {
        await using var caller = await McpCaller.ConnectAsync(server.Client.BaseAddress!, version);

        Assert.Equal(version ?? McpCaller.Newest, caller.Client.NegotiatedProtocolVersion);
        Assert.Equal("forge", caller.Client.ServerInfo?.Name);
        Assert.NotEmpty(caller.Client.ServerInstructions!);
        Assert.NotNull(caller.Client.ServerCapabilities.Tools);
        Assert.NotNull(caller.Client.ServerCapabilities.Resources);
        Assert.Null(caller.Client.ServerCapabilities.Prompts);
        Assert.Contains(await caller.Client.ListToolsAsync(cancellationToken: TestContext.Current.CancellationToken), tool => tool.Name == "list_sessions");
        Assert.True((await caller.CallAsync("list_sessions", "{}")).TryGetProperty("items", out _));
    }

    [Fact]
    public async Task Initialize_OldHandshake_AnswersWithoutASession()
    {
        var answer = await _raw.SendAsync(
            """{"jsonrpc":"2.0","id":7,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");
        var message = McpRawCaller.Message(answer);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(7, message.GetProperty("id").GetInt32());
        Assert.Equal("2025-03-26", message.GetProperty("result").GetProperty("protocolVersion").GetString());
        Assert.Empty(answer.Headers["Mcp-Session-Id"]);
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await _raw.SendAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""", headers: ("MCP-Protocol-Version", "2025-03-26"))).Status);
        Assert.Equal(JsonValueKind.Object, (await _raw.CallAsync("ping")).GetProperty("result").ValueKind);
    }

    [Fact]
    public async Task Newest_WithoutAHandshake_IsAnswered()
    {
        var discovered = McpRawCaller.Message(await _raw.SendNewestAsync("server/discover"));
        Assert.Contains(
            McpCaller.Newest,
            discovered.GetProperty("result").GetProperty("supportedVersions").EnumerateArray().Select(version => version.GetString()));
        var tools = McpRawCaller.Message(await _raw.SendNewestAsync("tools/list")).GetProperty("result").GetProperty("tools");
        Assert.True(tools.GetArrayLength() > 10);
        var called = McpRawCaller.Message(await _raw.SendNewestAsync("tools/call", "\"name\":\"list_sessions\",\"arguments\":{}", "list_sessions"));
        Assert.False(called.GetProperty("result").GetProperty("isError").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound, (await _raw.SendNewestAsync("initialize")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await _raw.SendNewestAsync("tools/call", "\"name\":\"list_sessions\",\"arguments\":{}", "set_tags")).Status);
    }

    [Fact]
    public async Task Listen_WithoutASession_EndsAtOnce()
    {
        var answer = await _raw.SendNewestAsync("subscriptions/listen", "\"notifications\":{\"toolsListChanged\":true}");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    [InlineData("PUT")]
    public async Task AnyOtherMethod_IsNotAllowed(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/mcp");
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        (await HttpAnswer.ReadAsync(response)).MustRefuse(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("null")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("https://127.0.0.1")]
    [InlineData("")]
    public async Task Page_OfAnotherOrigin_IsRefused(string origin) =>
        (await _raw.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", headers: ("Origin", origin))).MustRefuse(HttpStatusCode.Forbidden, "origin_refused", "origin");

    [Theory]
    [InlineData("evil.example", null)]
    [InlineData("evil.example:5080", "http://evil.example:5080")]
    [InlineData("localhost.evil.example", "http://localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example", null)]
    public async Task Host_OfANameThatIsNotOurs_IsRefused(string host, string? origin)
    {
        (string, string)[] headers = [("Host", host), .. origin is null ? [] : new[] { ("Origin", origin) }];

        (await _raw.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", headers: headers)).MustRefuse(HttpStatusCode.Forbidden, "host_refused", "host");
    }

    [Fact]
    public async Task HostAndOrigin_OfTheOptions_MayCall()
    {
        await using var host = await Rpc.RpcHost.StartAsync("Forge:Mcp:AllowedHosts:0=forge.example", "Forge:Mcp:AllowedOrigins:0=https://app.example");
        using var http = new HttpClient { BaseAddress = host.Root };
        var raw = new McpRawCaller(http);
        foreach (var headers in new (string, string)[][]
        {
            [("Host", "Forge.example:443")],
            [("Host", "forge.example"), ("Origin", "https://forge.example")],
            [("Origin", "https://app.example")],
        })
        {
            Assert.Equal(HttpStatusCode.OK, (await raw.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", headers: headers)).Status);
        }

        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await raw.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", headers: [("Host", "forge.example"), ("Origin", "https://evil.example")])).Status);
    }

    [Fact]
    public async Task Page_OfTheSiloItself_MayCall()
    {
        var own = server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);
        Assert.Equal(HttpStatusCode.OK, (await _raw.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", headers: ("Origin", own))).Status);
        var port = server.Client.BaseAddress.Port;
        Assert.Equal(
            HttpStatusCode.OK,
            (await _raw.SendAsync(
                """{"jsonrpc":"2.0","id":1,"method":"ping"}""",
                headers: [("Origin", $"http://localhost:{port}"), ("Host", $"localhost:{port}")])).Status);
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=utf8")]
    [InlineData("application/json; charset=\"UTF-8\"")]
    public async Task Body_InUtf8ByAnyName_IsRead(string contentType)
    {
        var answer = await _raw.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", contentType);

        Assert.Equal(JsonValueKind.Object, McpRawCaller.Message(answer).GetProperty("result").ValueKind);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/x+json; charset=iso-8859-1")]
    [InlineData("")]
    public async Task Body_OfAnotherType_IsRefused(string contentType) =>
        (await _raw.SendAsync("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", contentType)).MustRefuse(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("\u0000")]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":null,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":7}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1}""")]
    public async Task Body_ThatIsNoMessage_IsRefused(string body)
    {
        var answer = await _raw.SendAsync(body);

        Assert.True((int)answer.Status is >= 400 and < 500, $"{answer.Status}: {answer.Text}");
    }

    [Fact]
    public async Task Body_TooLarge_IsRefusedByItsLimit()
    {
        var answer = await _raw.SendAsync($$$"""{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"{{{new string('x', 4 * 1024 * 1024)}}}"}}""");

        answer.MustRefuse(HttpStatusCode.RequestEntityTooLarge, "limit_exceeded", "body");
        Assert.Equal(4 * 1024 * 1024, answer.Json.GetProperty("limit").GetInt64());
    }

    [Fact]
    public async Task Body_Compressed_IsDecoded()
    {
        using var compressed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(compressed, System.IO.Compression.CompressionMode.Compress, leaveOpen: true))
        {
            gzip.Write("""{"jsonrpc":"2.0","id":1,"method":"ping"}"""u8);
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new ByteArrayContent(compressed.ToArray()) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Content.Headers.TryAddWithoutValidation("Content-Encoding", "gzip");
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(JsonValueKind.Object, McpRawCaller.Message(await HttpAnswer.ReadAsync(response)).GetProperty("result").ValueKind);
    }

    [Fact]
    public async Task Method_ThatIsNotThere_IsRefused()
    {
        Assert.Equal(-32601, (await _raw.CallAsync("prompts/list")).GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal(-32601, (await _raw.CallAsync("bogus")).GetProperty("error").GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task Tool_ThatIsNotThere_IsRefused()
    {
        await using var caller = await McpCaller.ConnectAsync(server.Client.BaseAddress!);
        var refused = await Assert.ThrowsAsync<McpProtocolException>(() => caller.CallAsync("drop_tables", "{}"));
        Assert.Equal(McpErrorCode.InvalidParams, refused.ErrorCode);
        Assert.Equal(-32602, (await _raw.CallAsync("tools/call", """{"name":"List_Sessions"}""")).GetProperty("error").GetProperty("code").GetInt32());
    }
}
