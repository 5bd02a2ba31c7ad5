using System.Net;
using System.Text.Json;
using Forge.Grains.Tests.Http;

namespace Forge.Grains.Tests.Mcp;

/// <summary>The tools that change something, each by its name, and sent again.</summary>
public sealed class McpChangeToolTests(SiloServer server) : McpServerTests(server)
{
    [Fact]
    public async Task Create_WithAllThatItTakes_IsAsOverHttp()
    {
        var made = await Caller.CallAsync("create_checkpoint", $$$"""
            {"session":"{{{Name}}}","message":"one","state":{"a":1},"tags":["t"],"trigger":"toolCall","branch":"b","parent":"none","expectedHead":0,"requestId":"r"}
            """);

        Assert.Equal("r", made.GetProperty("requestId").GetString());
        var one = (await Http.GetAsync("/checkpoints/1")).Json;
        Assert.Equal(made.GetProperty("id").GetString(), one.GetProperty("id").GetString());
        Assert.Equal(("one", "b", "toolCall"), (one.GetProperty("message").GetString(), one.GetProperty("branch").GetString(), one.GetProperty("trigger").GetString()));
        var bytes = await Caller.CallAsync("create_checkpoint", $$"""{"session":"{{Name}}","message":"two","stateBase64":"AAEC","contentType":"image/png"}""");
        Assert.Equal("image/png", bytes.GetProperty("contentType").GetString());
        Assert.Equal([0, 1, 2], (await Http.GetAsync("/checkpoints/latest/state")).Body);
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("-0.0e+1")]
    [InlineData("{ }")]
    [InlineData("[1 ,\t2]")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("\"\\u0041\\/ é 中 🧭\"")]
    [InlineData("\"<>&'\\u00e9\"")]
    [InlineData("12345678901234567890.10")]
    [InlineData("null")]
    public async Task Create_AnyState_IsKeptAsTheVeryBytes(string state)
    {
        await new McpRawCaller(Server.Client).CallToolAsync("create_checkpoint", $$"""{ "session":"{{Name}}","message":"m", "state" : {{state}} }""");

        Assert.Equal(state, (await Http.GetAsync("/checkpoints/1/state")).Text);
    }

    [Fact]
    public async Task Create_SentAgainWithItsRequestId_TakesEffectOnce()
    {
        var arguments = $$"""{"session":"{{Name}}","message":"m","state":1,"requestId":"r"}""";
        var first = await Caller.CallAsync("create_checkpoint", arguments);
        var second = await Caller.CallAsync("create_checkpoint", arguments);

        Assert.True(JsonElement.DeepEquals(first, second), second.GetRawText());
        var conflict = await Caller.RefusedAsync("create_checkpoint", arguments.Replace("\"m\"", "\"n\"", StringComparison.Ordinal), "request_conflict");
        Assert.Equal("r", conflict.GetProperty("sentRequestId").GetString());

        // The key of HTTP is the same key.
        var http = await Http.PostAsync("/checkpoints", """{"message":"m","state":1}""", ("Idempotency-Key", "r"));
        Assert.Equal(HttpStatusCode.OK, http.Status);
        Assert.Equal(1, (await Http.GetAsync("")).Json.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Create_WithoutARequestId_IsToldOneToSendAgainWith()
    {
        var made = await Caller.CallAsync("create_checkpoint", $$"""{"session":"{{Name}}","message":"m","state":1}""");
        var requestId = made.GetProperty("requestId").GetString();
        var again = await Caller.CallAsync("create_checkpoint", $$"""{"session":"{{Name}}","message":"m","state":1,"requestId":"{{requestId}}"}""");
        Assert.Equal(made.GetProperty("sequence").GetInt64(), again.GetProperty("sequence").GetInt64());
        var other = await Caller.CallAsync("create_checkpoint", $$"""{"session":"{{Name}}","message":"m","state":1}""");
        Assert.Equal(2, other.GetProperty("sequence").GetInt64());
        Assert.NotEqual(requestId, other.GetProperty("requestId").GetString());
    }

    [Fact]
    public async Task EachChange_SentAgainWithItsRequestId_IsOneChange()
    {
        await Http.CreateAsync("one");
        await Http.CreateAsync("two");
        await Http.PostAsync("/effects/k/begin", """{"class":"write","request":"r"}""");
        await Http.PostAsync("/effects/k/fail", """{"epoch":1,"reason":"r"}""");
        foreach (var (tool, more) in new[]
        {
            ("set_tags", "\"checkpoint\":1,\"tags\":[\"a\",\"b\"]"),
            ("annotate_checkpoint", "\"checkpoint\":1,\"text\":\"note\",\"severity\":\"critical\""),
            ("restore_checkpoint", "\"checkpoint\":1"),
            ("fork_session", $"\"checkpoint\":1,\"newSession\":\"{Name}-fork\""),
            ("resolve_effect", "\"key\":\"k\",\"epoch\":1,\"verdict\":\"retry\",\"by\":\"me\",\"why\":\"looked\""),
        })
        {
            var arguments = $$"""{"session":"{{Name}}",{{more}},"requestId":"{{tool}}"}""";
            var first = await Caller.CallAsync(tool, arguments);
            var version = (await Http.GetAsync("")).Json.GetProperty("version").GetInt64();
            var second = await Caller.CallAsync(tool, arguments);

            Assert.Equal(version, (await Http.GetAsync("")).Json.GetProperty("version").GetInt64());
            Assert.True(JsonElement.DeepEquals(first, second), $"{first.GetRawText()}\n{second.GetRawText()}");
            Assert.Equal(tool, first.GetProperty("requestId").GetString());
        }

        var one = (await Http.GetAsync("/checkpoints/1")).Json;
        Assert.Equal(["a", "b"], one.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
        Assert.Single(one.GetProperty("annotations").EnumerateArray());
        Assert.Equal("retry", (await Http.GetAsync("/effects/k")).Json.GetProperty("status").GetString());
        Assert.Equal(1, (await new SessionHttp(Server.Client, $"{Name}-fork").GetAsync("")).Json.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Restore_TellsStateUndoAndTheEffectsThatCameLater()
    {
        await Http.CreateAsync("one");
        await Http.CreateAsync("two");
        await Http.PostAsync("/effects/mail-1/begin", """{"class":"write","request":"r"}""");
        await Http.PostAsync("/effects/mail-1/complete", """{"epoch":1}""");
        var version = (await Http.GetAsync("")).Json.GetProperty("version").GetInt64();

        var dry = await Caller.CallAsync("restore_checkpoint", $$"""{"session":"{{Name}}","checkpoint":1,"dryRun":true}""");
        Assert.False(dry.TryGetProperty("requestId", out _));
        Assert.Equal(1, dry.GetProperty("difference").GetProperty("summary").GetProperty("changed").GetInt32());
        Assert.Equal(version, (await Http.GetAsync("")).Json.GetProperty("version").GetInt64());
        var refused = await Caller.RefusedAsync("restore_checkpoint", $$"""{"session":"{{Name}}","checkpoint":1,"effects":"refuse"}""", "effects_after");
        Assert.Equal("mail-1", refused.GetProperty("effectsAfter")[0].GetProperty("key").GetString());
        Assert.Equal(version, (await Http.GetAsync("")).Json.GetProperty("version").GetInt64());

        var restored = await Caller.CallAsync(
            "restore_checkpoint", $$"""{"session":"{{Name}}","checkpoint":1,"effects":"refuse","acknowledge":["mail-1"]}""");
        Assert.Equal((1, 2), (
            restored.GetProperty("checkpoint").GetProperty("sequence").GetInt32(), restored.GetProperty("undo").GetProperty("sequence").GetInt32()));
        Assert.Equal("one", restored.GetProperty("state").GetProperty("value").GetProperty("of").GetString());
        Assert.Equal("mail-1", restored.GetProperty("effectsAfter").GetProperty("items")[0].GetProperty("key").GetString());
        Assert.Equal(1, (await Http.GetAsync("/checkpoints/current")).Json.GetProperty("sequence").GetInt32());
    }

    [Fact]
    public async Task Restore_ToAnotherBranch_MovesThatOne()
    {
        await Http.CreateAsync("one");
        await Http.CreateAsync("two", ",\"branch\":\"b\",\"parent\":1");

        await Caller.CallAsync("restore_checkpoint", $$"""{"session":"{{Name}}","checkpoint":"latest","branch":"b","toBranch":"main"}""");

        Assert.Equal(2, (await Http.GetAsync("/checkpoints/current")).Json.GetProperty("sequence").GetInt32());
    }

    [Fact]
    public async Task Fork_WithHistory_TellsWhatWasMade()
    {
        await Http.CreateAsync("one");
        await Http.CreateAsync("two");

        var dry = await Caller.CallAsync("fork_session", $$"""{"session":"{{Name}}","checkpoint":"latest","newSession":"{{Name}}-f","withHistory":true,"dryRun":true}""");
        Assert.Equal(2, dry.GetProperty("count").GetInt32());
        var made = await Caller.CallAsync("fork_session", $$"""{"session":"{{Name}}","checkpoint":"latest","newSession":"{{Name}}-f","withHistory":true}""");
        Assert.Equal($"{Name}-f", made.GetProperty("session").GetString());
        Assert.Equal(2, made.GetProperty("origin").GetProperty("sequence").GetInt32());
        Assert.True(made.TryGetProperty("effectsAfter", out _));
        await Caller.RefusedAsync("fork_session", $$"""{"session":"{{Name}}","checkpoint":1,"newSession":"{{Name}}-f"}""", "session_exists");
        await Caller.RefusedAsync("fork_session", $$"""{"session":"{{Name}}","checkpoint":1,"newSession":"a/b"}""", "invalid_request", "session");
    }

    [Fact]
    public async Task AnyChange_OfAClaimedSession_NeedsTheEpoch()
    {
        await Http.CreateAsync("one");
        await Http.PostAsync("/claim", """{"owner":"w"}""");

        var refused = await Caller.RefusedAsync("set_tags", $$"""{"session":"{{Name}}","checkpoint":1,"tags":[]}""", "claimed");
        Assert.Equal(("w", 1), (refused.GetProperty("owner").GetString(), refused.GetProperty("epoch").GetInt32()));
        await Caller.RefusedAsync("create_checkpoint", $$"""{"session":"{{Name}}","message":"m","state":1,"epoch":7}""", "superseded");
        await Caller.RefusedAsync("create_checkpoint", $$"""{"session":"{{Name}}","message":"m","state":1,"epoch":1.5}""", "invalid_request", "epoch");
        await Caller.CallAsync("create_checkpoint", $$"""{"session":"{{Name}}","message":"m","state":1,"epoch":1}""");
    }
}
