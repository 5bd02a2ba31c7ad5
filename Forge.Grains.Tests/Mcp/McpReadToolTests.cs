using System.Text.Json;
using Forge.Grains.Tests.Http;

namespace Forge.Grains.Tests.Mcp;

/// <summary>The tools that read, each by its name.</summary>
public sealed class McpReadToolTests(SiloServer server) : McpServerTests(server)
{
    [Fact]
    public async Task ListSessions_ByPrefix_PagesByCursor()
    {
        for (var i = 0; i < 5; i++)
        {
            await new SessionHttp(Server.Client, $"{Name}-{i}").CreateAsync("m");
        }

        var (seen, cursor) = (new List<string>(), (string?)null);
        do
        {
            var page = await Caller.CallAsync("list_sessions", Arguments($"\"prefix\":\"{Name}\",\"limit\":2", cursor));
            Assert.InRange(page.GetProperty("items").GetArrayLength(), 1, 2);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("session").GetString()!));
            cursor = Next(page);
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(0, 5).Select(i => $"{Name}-{i}"), seen);
    }

    [Fact]
    public async Task ListSessions_ByLabelAndActivity_FindsThem()
    {
        await Http.CreateAsync("m");
        await Http.PutAsync("", """{"labels":{"team":"red","env":"prod"}}""");

        var found = await Caller.CallAsync("list_sessions", $$"""{"prefix":"{{Name}}","label":["team:red","env:prod"],"order":"activity"}""");
        Assert.Equal(Name, Assert.Single(found.GetProperty("items").EnumerateArray()).GetProperty("session").GetString());
        Assert.Empty((await Caller.CallAsync("list_sessions", $$"""{"prefix":"{{Name}}","label":["team:blue"]}""")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task GetSession_TellsWhatItIs()
    {
        await Http.CreateAsync("one");
        var session = await Caller.CallAsync("get_session", $$"""{"session":"{{Name}}"}""");

        Assert.Equal((Name, 1), (session.GetProperty("session").GetString(), session.GetProperty("count").GetInt32()));
        Assert.Equal(1, session.GetProperty("head").GetProperty("sequence").GetInt32());
        Assert.False(session.TryGetProperty("chain", out _));
    }

    [Fact]
    public async Task ListBranches_PagesByName_WhateverComesMeanwhile()
    {
        await Http.CreateAsync("root");
        foreach (var branch in new[] { "b", "d", "a b/c", "main2" })
        {
            await Http.CreateAsync("m", $",\"branch\":\"{branch}\",\"parent\":1");
        }

        var first = await Caller.CallAsync("list_branches", $$"""{"session":"{{Name}}","limit":3}""");
        Assert.Equal(["main", "a b/c", "b"], Names(first));
        Assert.Equal(5, first.GetProperty("count").GetInt32());

        // One that sorts before what was told is not what comes next.
        await Http.CreateAsync("m", ",\"branch\":\"aa\",\"parent\":1");
        var second = await Caller.CallAsync("list_branches", Arguments($"\"session\":\"{Name}\",\"limit\":3", Next(first)));
        Assert.Equal(["d", "main2"], Names(second));
        Assert.Null(Next(second));
        var one = await Caller.CallAsync("list_branches", $$"""{"session":"{{Name}}","limit":1,"tips":5}""");
        Assert.True(one.GetProperty("items")[0].TryGetProperty("tips", out _));
        Assert.Equal("aa", Names(await Caller.CallAsync("list_branches", Arguments($"\"session\":\"{Name}\",\"limit\":2", Next(one))))[1]);

        await Caller.RefusedAsync("list_branches", $$"""{"session":"{{Name}}-other","limit":3,"cursor":"{{Next(first)}}"}""", "invalid_request", "cursor");
        await Caller.RefusedAsync("list_branches", $$"""{"session":"{{Name}}","limit":0}""", "invalid_request", "limit");

        static string[] Names(JsonElement page) => [.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("branch").GetString()!)];
    }

    [Fact]
    public async Task ListCheckpoints_ByConditions_PagesByCursor()
    {
        for (var i = 1; i <= 6; i++)
        {
            await Http.CreateAsync($"m{i}", i % 2 == 0 ? ",\"tags\":[\"even\"]" : ",\"trigger\":\"toolCall\"");
        }

        var page = await Caller.CallAsync("list_checkpoints", $$"""{"session":"{{Name}}","tag":"even","limit":2}""");
        Assert.Equal((long[])[6, 4], Sequences(page));
        Assert.Equal((long[])[2], Sequences(await Caller.CallAsync("list_checkpoints", Arguments($"\"session\":\"{Name}\",\"tag\":\"even\",\"limit\":2", Next(page)))));
        Assert.Equal((long[])[3], Sequences(await Caller.CallAsync("list_checkpoints", $$"""{"session":"{{Name}}","trigger":"toolCall","after":1,"before":5}""")));
        Assert.Equal((long[])[1, 2], Sequences(await Caller.CallAsync("list_checkpoints", $$"""{"session":"{{Name}}","order":"oldest","limit":2}""")));
        var found = await Caller.CallAsync("find_checkpoints", $$"""{"tag":"even","sessionPrefix":"{{Name}}","order":"oldest"}""");
        Assert.Equal([2, 4, 6], found.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("checkpoint").GetProperty("sequence").GetInt64()));
    }

    [Fact]
    public async Task ListCheckpoints_WithoutALimit_TellsTwenty()
    {
        for (var i = 0; i < 25; i++)
        {
            await Http.CreateAsync("m");
        }

        var page = await Caller.CallAsync("list_checkpoints", $$"""{"session":"{{Name}}"}""");
        Assert.Equal(20, page.GetProperty("items").GetArrayLength());
        Assert.Equal((long[])[5, 4, 3, 2, 1], Sequences(await Caller.CallAsync("list_checkpoints", Arguments($"\"session\":\"{Name}\"", Next(page)))));
    }

    [Fact]
    public async Task GetCheckpoint_TellsItsNotesAndNotItsState()
    {
        await Http.CreateAsync("one", ",\"tags\":[\"t\"]");
        await Http.CreateAsync("two");
        await Http.PostAsync("/checkpoints/1/annotations", """{"text":"look","severity":"warning"}""");

        var one = await Caller.CallAsync("get_checkpoint", $$"""{"session":"{{Name}}","checkpoint":1}""");
        Assert.Equal("look", Assert.Single(one.GetProperty("annotations").EnumerateArray()).GetProperty("text").GetString());
        Assert.False(one.TryGetProperty("state", out _));
        Assert.Equal("two", (await Caller.CallAsync("get_checkpoint", $$"""{"session":"{{Name}}"}""")).GetProperty("message").GetString());
        Assert.Equal(
            "one", (await Caller.CallAsync("get_checkpoint", $$"""{"session":"{{Name}}","checkpoint":"{{one.GetProperty("id").GetString()}}"}""")).GetProperty("message").GetString());
    }

    [Fact]
    public async Task CompareCheckpoints_TellsThePatch()
    {
        await Http.PostAsync("/checkpoints", """{"message":"one","state":{"step":1,"notes":["look","ask"]}}""");
        await Http.PostAsync("/checkpoints", """{"message":"two","state":{"step":2,"notes":["look","measure","ask"]}}""");
        await new SessionHttp(Server.Client, $"{Name}-2").PostAsync("/checkpoints", """{"message":"other","state":{"step":1,"notes":["look","ask"]}}""");

        var difference = await Caller.CallAsync("compare_checkpoints", $$"""{"session":"{{Name}}","from":1}""");
        Assert.Equal(
            """[{"op":"replace","path":"/step","value":2},{"op":"add","path":"/notes/1","value":"measure"}]""", difference.GetProperty("patch").GetRawText());
        Assert.Equal((2, 1, 1), (
            difference.GetProperty("operations").GetInt32(), difference.GetProperty("summary").GetProperty("added").GetInt32(),
            difference.GetProperty("summary").GetProperty("changed").GetInt32()));
        Assert.Equal(2, difference.GetProperty("to").GetProperty("sequence").GetInt32());
        var same = await Caller.CallAsync("compare_checkpoints", $$"""{"session":"{{Name}}","from":1,"to":"latest","otherSession":"{{Name}}-2"}""");
        Assert.Equal("[]", same.GetProperty("patch").GetRawText());
        await Caller.RefusedAsync("compare_checkpoints", $$"""{"session":"{{Name}}","from":9}""", "checkpoint_not_found", "from");
    }

    [Fact]
    public async Task Effects_AreListedAndTold()
    {
        await Http.PostAsync("/effects/mail-1/begin", """{"class":"write","request":"to: a"}""");
        await Http.PostAsync("/effects/mail-1/complete", """{"epoch":1,"result":{"sent":true}}""");
        await Http.PostAsync("/effects/mail-2/begin", """{"class":"idempotent","request":"r"}""");

        var all = await Caller.CallAsync("list_effects", $$"""{"session":"{{Name}}"}""");
        Assert.Equal(["mail-1", "mail-2"], all.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("key").GetString()));
        Assert.Equal(1, (await Caller.CallAsync("list_effects", $$"""{"session":"{{Name}}","status":"running"}""")).GetProperty("items").GetArrayLength());
        var one = await Caller.CallAsync("get_effect", $$"""{"session":"{{Name}}","key":"mail-1"}""");
        Assert.Equal(("completed", "to: a"), (one.GetProperty("status").GetString(), one.GetProperty("request").GetString()));
        Assert.True(one.GetProperty("result").GetProperty("sent").GetBoolean());
        await Caller.RefusedAsync("get_effect", $$"""{"session":"{{Name}}","key":"mail-9"}""", "effect_not_found");
    }

    private static string Arguments(string given, string? cursor) => cursor is null ? $"{{{given}}}" : $"{{{given},\"cursor\":\"{cursor}\"}}";

    private static string? Next(JsonElement page) => page.TryGetProperty("next", out var next) ? next.GetString() : null;

    private static long[] Sequences(JsonElement page) => [.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("sequence").GetInt64())];
}
