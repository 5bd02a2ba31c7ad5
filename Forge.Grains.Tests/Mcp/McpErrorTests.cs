using System.Text.Json;
using Forge.Grains.Tests.Fuzz;
using Forge.Grains.Tests.Http;
using Forge.Silo.Mcp;

namespace Forge.Grains.Tests.Mcp;

/// <summary>What tools refuse: by the problems of HTTP, named as the tool has them, with nothing changed.</summary>
public sealed class McpErrorTests(SiloServer server) : McpServerTests(server)
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Http.CreateAsync("one");
    }

    [Fact]
    public async Task AnyTool_ArgumentThatItDoesNotHave_IsRefusedByName()
    {
        foreach (var tool in McpTools.All)
        {
            await Caller.RefusedAsync(tool.Name, $$"""{"session":"{{Name}}","bogus":1}""", "invalid_request", tool.Arguments[0].Name == "session" ? "bogus" : "session");
            await Caller.RefusedAsync(tool.Name, """{"Limit":1}""", "invalid_request", "Limit");
            await Caller.RefusedAsync(tool.Name, """{"idempotencyKey":"k"}""", "invalid_request", "idempotencyKey");
            await Caller.RefusedAsync(tool.Name, """{"tenant":"other"}""", "invalid_request", "tenant");
        }
    }

    [Fact]
    public async Task AnyTool_WithoutWhatItMustHave_IsRefusedByName()
    {
        foreach (var tool in McpTools.All.Where(tool => tool.Arguments.Any(argument => argument.IsRequired)))
        {
            var first = tool.Arguments.First(argument => argument.IsRequired).Name;
            await Caller.RefusedAsync(tool.Name, "{}", "invalid_request", first);
            await Caller.RefusedAsync(tool.Name, $$"""{"{{first}}":null}""", "invalid_request", first);
        }
    }

    [Theory]
    [InlineData("get_session", """{"session":{}}""", "session")]
    [InlineData("get_session", """{"session":["a"]}""", "session")]
    [InlineData("get_session", """{"session":""}""", "session")]
    [InlineData("get_session", """{"session":".."}""", "session")]
    [InlineData("get_session", """{"session":"a/b"}""", "session")]
    [InlineData("get_session", """{"session":"a b"}""", "session")]
    [InlineData("get_session", """{"session":"a\u0000b"}""", "session")]
    [InlineData("get_session", """{"session":"é"}""", "session")]
    [InlineData("get_checkpoint", """{"session":"s","checkpoint":"first"}""", "checkpoint")]
    [InlineData("get_checkpoint", """{"session":"s","checkpoint":{}}""", "checkpoint")]
    [InlineData("get_checkpoint", """{"session":"s","checkpoint":1,"branch":"b"}""", "branch")]
    [InlineData("read_state", """{"session":"s","pointer":7.5}""", "pointer")]
    [InlineData("read_state", """{"session":"s","pointer":"a"}""", "pointer")]
    [InlineData("read_state", """{"session":"s","cursor":"x"}""", "cursor")]
    [InlineData("read_state", """{"session":"s","cursor":{}}""", "cursor")]
    [InlineData("list_checkpoints", """{"session":"s","limit":"many"}""", "limit")]
    [InlineData("list_checkpoints", """{"session":"s","limit":0}""", "limit")]
    [InlineData("list_checkpoints", """{"session":"s","order":"random"}""", "order")]
    [InlineData("list_checkpoints", """{"session":"s","from":"yesterday"}""", "from")]
    [InlineData("list_checkpoints", """{"session":"s","cursor":"x"}""", "cursor")]
    [InlineData("create_checkpoint", """{"session":"s","message":1,"state":1}""", "message")]
    [InlineData("create_checkpoint", """{"session":"s","message":"m"}""", "state")]
    [InlineData("create_checkpoint", """{"session":"s","message":"m","state":1,"stateBase64":"AA=="}""", "state")]
    [InlineData("create_checkpoint", """{"session":"s","message":"m","state":1,"requestId":""}""", "requestId")]
    [InlineData("create_checkpoint", """{"session":"s","message":"m","state":1,"requestId":"a\nb"}""", "requestId")]
    [InlineData("create_checkpoint", """{"session":"s","message":"m","state":1,"tags":"t"}""", "tags")]
    [InlineData("annotate_checkpoint", """{"session":"s","checkpoint":1,"text":"t","severity":"grave"}""", "severity")]
    [InlineData("resolve_effect", """{"session":"s","key":"k","epoch":"one","verdict":"retry","by":"b","why":"w"}""", "epoch")]
    [InlineData("find_checkpoints", """{}""", "tag")]
    public async Task Argument_OfAWrongKind_IsRefusedByName(string tool, string arguments, string field) =>
        await Caller.RefusedAsync(tool, arguments, "invalid_request", field);

    [Fact]
    public async Task Argument_GivenTwice_IsRefusedByName()
    {
        var refused = await new McpRawCaller(Server.Client).CallToolAsync("get_session", $$"""{"session":"{{Name}}","session":"other"}""");
        Assert.Equal(("invalid_request", "arguments.session"), (refused.GetProperty("code").GetString(), refused.GetProperty("field").GetString()));
    }

    [Fact]
    public async Task WhatIsNotThere_IsToldByItsCode()
    {
        await Caller.RefusedAsync("get_session", """{"session":"never-used-by-mcp"}""", "session_not_found");
        await Caller.RefusedAsync("read_state", """{"session":"never-used-by-mcp"}""", "checkpoint_not_found");
        Assert.Equal("9", (await Caller.RefusedAsync("read_state", $$"""{"session":"{{Name}}","checkpoint":9}""", "checkpoint_not_found")).GetProperty("checkpoint").GetString());
        Assert.Equal("b", (await Caller.RefusedAsync("restore_checkpoint", $$"""{"session":"{{Name}}","checkpoint":1,"toBranch":"b"}""", "branch_not_found")).GetProperty("branch").GetString());
        await new SessionHttp(Server.Client, $"{Name}-gone").CreateAsync("m");
        await new SessionHttp(Server.Client, $"{Name}-gone").DeleteAsync();
        await Caller.RefusedAsync("create_checkpoint", $$"""{"session":"{{Name}}-gone","message":"m","state":1}""", "session_deleted");
    }

    [Fact]
    public async Task WhatIsTooLarge_IsToldByItsLimit()
    {
        var refused = await Caller.RefusedAsync(
            "create_checkpoint", $$"""{"session":"{{Name}}","message":"m","state":"{{new string('x', SiloServer.StateLimit)}}"}""", "limit_exceeded", "state");
        Assert.Equal(SiloServer.StateLimit, refused.GetProperty("limit").GetInt64());
        await Caller.RefusedAsync("create_checkpoint", $$"""{"session":"{{Name}}","message":"{{new string('x', 5000)}}","state":1}""", "limit_exceeded", "message");
        await Caller.RefusedAsync("get_session", $$"""{"session":"{{new string('x', 20_000)}}"}""", "limit_exceeded", "session");
        await Caller.RefusedAsync("read_state", $$"""{"session":"{{Name}}","pointer":"/{{new string('x', 1000)}}"}""", "limit_exceeded", "pointer");
        var many = string.Join(',', Enumerable.Range(0, 100).Select(i => $"\"a{i}\":1"));
        await Caller.RefusedAsync("get_session", $"{{{many}}}", "limit_exceeded", "arguments");
        Assert.Equal(1, (await Http.GetAsync("")).Json.GetProperty("count").GetInt32());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"a\"")]
    [InlineData("7")]
    public async Task Arguments_ThatAreNoObject_AreRefused(string arguments)
    {
        var message = await new McpRawCaller(Server.Client).CallAsync("tools/call", $$"""{"name":"get_session","arguments":{{arguments}}}""");

        Assert.True(message.TryGetProperty("error", out _) || message.GetProperty("result").GetProperty("isError").GetBoolean(), message.GetRawText());
    }

    [Fact]
    public async Task Argument_WithHalfOfASurrogatePair_IsRefused() => (await new McpRawCaller(Server.Client).SendAsync(
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_session","arguments":{"session":"\ud800"}}}"""))
        .MustRefuse(System.Net.HttpStatusCode.BadRequest, "invalid_request", "body");

    [Fact]
    public async Task State_DeeperThanMessagesMayBe_IsRefusedAndChangesNothing()
    {
        var deep = new string('[', 500) + new string(']', 500);
        var answer = await new McpRawCaller(Server.Client).SendAsync(
            $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create_checkpoint","arguments":{"session":"{{{Name}}}","message":"m","state":{{{deep}}} } } }""");

        Assert.Equal(400, (int)answer.Status);
        Assert.Equal(1, (await Http.GetAsync("")).Json.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task AnyTool_AnyArguments_IsAnsweredWithinItsBounds()
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {FuzzSettings.Seed}");
        string[] values =
        [
            "null", "true", "-1", "0", "1", "1e400", "1.5", "\"\"", "\"latest\"", "\"main\"", "\"\\u0000\"", "[]", "{}", "[[]]", "[null]", "[\"a\"]",
            $"\"{Name}\"", "\"a/b\"", "\"%2e%2e\"", $"\"{new string('é', 3000)}\"", "9223372036854775808", "\"/of\"", "{\"a\":{\"a\":1,\"a\":2}}", "\"2026-01-31T08:30:00Z\"",
        ];
        var raw = new McpRawCaller(Server.Client);
        for (var number = 0; number < 300; number++)
        {
            var random = FuzzSettings.Case(number);
            var tool = McpTools.All[random.Next(McpTools.All.Count)];
            var arguments = "{" + string.Join(',', tool.Arguments
                .Where(argument => argument.IsRequired || random.Next(3) == 0)
                .Select(argument => $"\"{argument.Name}\":{(argument.Name == "session" && random.Next(4) > 0 ? $"\"{Name}\"" : values[random.Next(values.Length)])}")) + "}";
            var message = await raw.CallAsync("tools/call", $$"""{"name":"{{tool.Name}}","arguments":{{arguments}}}""");
            var told = $"case {number}: {tool.Name} {arguments}\n{message.GetRawText()}";
            Assert.True(message.TryGetProperty("result", out var result), told);
            var text = result.GetProperty("content")[0].GetProperty("text").GetString()!;
            Assert.True(text.Length <= 32 * 1024, told);
            Assert.False(JsonDocument.Parse(text).RootElement is var json && json.TryGetProperty("code", out var code) && code.GetString() == "internal_error", told);
        }
    }
}
