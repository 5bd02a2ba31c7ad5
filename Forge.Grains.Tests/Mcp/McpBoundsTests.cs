using System.Net;
using System.Text;
using System.Text.Json;
using Forge.Grains.Tests.Http;
using Forge.Grains.Tests.Rpc;
using Forge.Silo.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Forge.Grains.Tests.Mcp;

/// <summary>Answers that would be too large for a model.</summary>
public sealed class McpBoundsTests() : McpHostTests($"Forge:Mcp:AnswerBytes={Room}", "Forge:Mcp:Bytes=20000000")
{
    private const int Room = 8 * 1024;

    [Fact]
    public async Task ListOfLargeItems_HasAsManyAsFit_AndMissesNone()
    {
        var session = new SessionHttp(Http, "s");
        for (var i = 1; i <= 12; i++)
        {
            await session.CreateAsync($"{i} {new string('m', i * 320)}");
        }

        var (seen, cursor) = (new List<long>(), (string?)null);
        do
        {
            var page = await CallAsync("list_checkpoints", """{"session":"s","order":"oldest","limit":1000""" + (cursor is null ? "}" : $",\"cursor\":\"{cursor}\"}}"));
            Assert.NotEmpty(page.GetProperty("items").EnumerateArray());
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("sequence").GetInt64()));
            cursor = Next(page);
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(1, 12).Select(i => (long)i), seen);
    }

    [Fact]
    public async Task ItemThatIsTooLargeAlone_IsShortenedAndSaysSo()
    {
        var tags = string.Join(',', Enumerable.Range(0, 64).Select(i => $"\"{i:00}{new string('é', 126)}\""));
        await new SessionHttp(Http, "s").CreateAsync(new string('m', 4_000), $",\"tags\":[{tags}]");

        var item = Assert.Single((await CallAsync("list_checkpoints", """{"session":"s"}""")).GetProperty("items").EnumerateArray());
        Assert.True(item.GetProperty("shortened").GetBoolean());
        Assert.Equal(1, item.GetProperty("sequence").GetInt32());
        var requestId = new string('r', 200);
        var made = await CallAsync("set_tags", $$"""{"session":"s","checkpoint":1,"tags":[{{tags}}],"requestId":"{{requestId}}"}""");
        Assert.Equal((requestId, true), (made.GetProperty("requestId").GetString(), made.GetProperty("shortened").GetBoolean()));
        Assert.True((await CallAsync("get_checkpoint", """{"session":"s"}""")).GetProperty("shortened").GetBoolean());
    }

    [Fact]
    public async Task ManyNotes_ComeInParts()
    {
        var session = new SessionHttp(Http, "s");
        await session.CreateAsync("m");
        for (var i = 0; i < 20; i++)
        {
            await session.PostAsync("/checkpoints/1/annotations", $$"""{"text":"{{i}} {{new string('n', i == 7 ? 16_000 : 1_000)}}"}""");
        }

        var (seen, cursor) = (new List<string>(), (string?)null);
        do
        {
            var page = await CallAsync("get_checkpoint", """{"session":"s","checkpoint":1""" + (cursor is null ? "}" : $",\"cursor\":\"{cursor}\"}}"));
            seen.AddRange(page.GetProperty("annotations").EnumerateArray().Select(note => note.GetProperty("text").GetString()!.Split(' ')[0]));
            cursor = Next(page);
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), seen);
    }

    [Fact]
    public async Task LargeDifference_ComesInParts_OfTheSameTwoCheckpoints()
    {
        var session = new SessionHttp(Http, "s");
        await session.PostAsync("/checkpoints", """{"message":"one","state":{}}""");
        var members = string.Join(',', Enumerable.Range(0, 400).Select(i => $"\"k{i}\":\"{new string('v', i % 5 == 0 ? 3_000 : 50)}\""));
        await session.PostAsync("/checkpoints", $$$"""{"message":"two","state":{"keep":1,{{{members}}}}}""");
        await session.PostAsync("/checkpoints", $$$"""{"message":"three","state":{"keep":2,"all":"{{{new string('x', 100_000)}}}",{{{members}}}}}""");

        var (paths, cursor, total) = (new List<string>(), (string?)null, 0);
        do
        {
            var page = await CallAsync("compare_checkpoints", """{"session":"s","from":2,"to":"latest" """ + (cursor is null ? "}" : $",\"cursor\":\"{cursor}\"}}"));
            Assert.Equal(3, page.GetProperty("to").GetProperty("sequence").GetInt32());
            total = page.GetProperty("operations").GetInt32();
            paths.AddRange(page.GetProperty("patch").EnumerateArray().Select(operation => operation.GetProperty("path").GetString()!));
            cursor = Next(page);
            await session.CreateAsync("meanwhile");
        }
        while (cursor is not null && paths.Count < 1_000);

        Assert.Equal(total, paths.Count);
        Assert.Equal(total, paths.Distinct().Count());
    }

    [Fact]
    public async Task LargeOperation_IsToldWithoutItsValue()
    {
        var session = new SessionHttp(Http, "s");
        await session.PostAsync("/checkpoints", """{"message":"one","state":{"a":1}}""");
        await session.PostAsync("/checkpoints", $$$"""{"message":"two","state":{"a":1,"b":"{{{new string('x', 50_000)}}}"}}""");

        var operation = Assert.Single((await CallAsync("compare_checkpoints", """{"session":"s","from":1}""")).GetProperty("patch").EnumerateArray());
        Assert.Equal(("/b", 50_002, "string"), (
            operation.GetProperty("path").GetString(), operation.GetProperty("valueBytes").GetInt32(), operation.GetProperty("valueKind").GetString()));
        Assert.False(operation.TryGetProperty("value", out _));
    }

    [Fact]
    public async Task LargeRestore_TellsTheStateInOutline()
    {
        var session = new SessionHttp(Http, "s");
        await session.PostAsync("/checkpoints", $$$"""{"message":"one","state":{"a":1,"b":"{{{new string('x', 50_000)}}}"}}""");
        for (var i = 0; i < 120; i++)
        {
            await session.PostAsync($"/effects/{i:000}{new string('k', 190)}/begin", """{"class":"write","request":"r"}""");
        }

        var restored = await CallAsync("restore_checkpoint", """{"session":"s","checkpoint":1}""");
        Assert.Equal(["/a", "/b"], restored.GetProperty("state").GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("pointer").GetString()));
        Assert.Equal(120, restored.GetProperty("effectsAfter").GetProperty("count").GetInt32());
        var refused = await Caller.SendAsync("restore_checkpoint", """{"session":"s","checkpoint":1,"effects":"refuse"}""");
        Assert.InRange(refused.Bytes, 1, Room);
        Assert.Equal(("effects_after", 120), (refused.Json.GetProperty("code").GetString(), refused.Json.GetProperty("count").GetInt32()));
    }

    [Fact]
    public async Task LargeOrDeepResultOfAnEffect_IsShortened()
    {
        var session = new SessionHttp(Http, "s");
        await session.PostAsync("/effects/a/begin", """{"class":"write","request":"r"}""");
        await session.PostAsync("/effects/a/complete", $$$"""{"epoch":1,"result":{"x":"{{{new string('x', 60_000)}}}"}}""");
        await session.PostAsync("/effects/b/begin", """{"class":"write","request":"r"}""");
        await session.PostAsync("/effects/b/complete", $$"""{"epoch":1,"result":{{new string('[', 500)}}"\ud800"{{new string(']', 500)}}}""");

        Assert.Equal("completed", (await CallAsync("get_effect", """{"session":"s","key":"a"}""")).GetProperty("status").GetString());
        Assert.True((await CallAsync("get_effect", """{"session":"s","key":"b"}""")).GetProperty("shortened").GetBoolean());
    }

    [Fact(Timeout = 120_000)]
    public async Task StateOfManyBytes_IsBusyIfAnotherIsRead_AndGoesAlone()
    {
        var session = new SessionHttp(Http, "s");
        Assert.Equal(
            HttpStatusCode.Created,
            (await session.PostAsync("/checkpoints?message=m", Encoding.UTF8.GetBytes(new string('x', 15 * 1024 * 1024)), "text/plain")).Status);

        Assert.Equal(15 * 1024 * 1024, (await CallAsync("read_state", """{"session":"s"}""")).GetProperty("bytes").GetInt32());

        // What is counted of a request is let go of when its answer has been written, which its caller may have read by then.
        while (Host.Services.GetRequiredService<BodyBudget>().Bytes > 0)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async Task<JsonElement> CallAsync(string tool, string arguments)
    {
        var answer = await Caller.SendAsync(tool, arguments);
        Assert.False(answer.IsError, answer.Text);
        Assert.True(answer.Bytes <= Room, $"{answer.Bytes}: {answer.Text[..Math.Min(answer.Text.Length, 1_000)]}");
        return answer.Json;
    }

    private static string? Next(JsonElement page) => page.TryGetProperty("next", out var next) ? next.GetString() : null;
}
