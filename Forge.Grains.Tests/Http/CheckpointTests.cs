using System.Net;
using System.Text.Json;
using Xunit;

namespace Forge.Grains.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class CheckpointTests(SiloServer server)
{
    private readonly SessionHttp _session = SessionHttp.New(server);

    [Fact]
    public async Task Get_ByIdSequenceOrLatest_AnswersTheSame()
    {
        var created = await _session.CreateAsync("one");
        var bySequence = await _session.GetAsync("/checkpoints/1");

        Assert.Equal("one", bySequence.Json.GetProperty("state").GetProperty("of").GetString());
        Assert.Equal(bySequence.Text, (await _session.GetAsync("/checkpoints/latest")).Text);
        Assert.Equal(bySequence.Text, (await _session.GetAsync($"/checkpoints/{created.GetProperty("id").GetString()}")).Text);
    }

    [Theory]
    [InlineData("/checkpoints/7", HttpStatusCode.NotFound, "checkpoint_not_found")]
    [InlineData("/checkpoints/7/state", HttpStatusCode.NotFound, "checkpoint_not_found")]
    [InlineData("/checkpoints/newest", HttpStatusCode.BadRequest, "invalid_request")]
    [InlineData("/checkpoints/0", HttpStatusCode.BadRequest, "invalid_request")]
    public async Task Get_WhatIsNotThere_IsAProblem(string path, HttpStatusCode status, string code)
    {
        await _session.CreateAsync("one");
        (await _session.GetAsync(path)).MustRefuse(status, code);
    }

    [Fact]
    public async Task GetState_KnownETag_IsNotSentAgain()
    {
        var created = await _session.CreateAsync("one");
        var tag = $"\"{created.GetProperty("checksum").GetString()}\"";

        Assert.Equal(tag, (await _session.GetAsync("/checkpoints/1/state")).Headers["ETag"].Single());
        foreach (var known in new[] { tag, $"W/{tag}", $"\"other\", {tag}", "*" })
        {
            var answer = await _session.GetAsync("/checkpoints/1/state", ("If-None-Match", known));
            Assert.Equal(HttpStatusCode.NotModified, answer.Status);
            Assert.Empty(answer.Body);
        }

        Assert.Equal(HttpStatusCode.OK, (await _session.GetAsync("/checkpoints/1/state", ("If-None-Match", "\"other\""))).Status);
    }

    [Fact]
    public async Task GetState_SavedPage_CannotRunInABrowser()
    {
        await _session.PostAsync("/checkpoints?message=m", "<script>"u8.ToArray(), "text/html");
        var answer = await _session.GetAsync("/checkpoints/1/state");

        Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"].Single());
        Assert.Contains("sandbox", answer.Headers["Content-Security-Policy"].Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_Pages_ShowEachOnceInOrderWithoutStates()
    {
        for (var i = 1; i <= 5; i++)
        {
            await _session.CreateAsync($"m{i}", i % 2 == 0 ? ",\"tags\":[\"even\"]" : "");
        }

        List<long> seen = [];
        string? next = null;
        do
        {
            var page = (await _session.GetAsync($"/checkpoints?limit=2{(next is null ? "" : $"&cursor={next}")}")).Json;
            Assert.All(page.GetProperty("items").EnumerateArray(), item => Assert.False(item.TryGetProperty("state", out _)));
            seen.AddRange(Sequences(page));
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);

        Assert.Equal([5, 4, 3, 2, 1], seen);
        await MustListAsync("tag=even&order=oldest", 2, 4);
        await MustListAsync("after=2&before=4", 3);
        await MustListAsync("trigger=error");
        await MustListAsync("to=2001-01-01T00:00:00%2B01:00");
        await MustListAsync("from=2001-01-01T00:00:00+01:00", 5, 4, 3, 2, 1);
    }

    [Theory]
    [InlineData("tags=x", "tags")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=x", "limit")]
    [InlineData("order=random", "order")]
    [InlineData("from=2026-01-01", "from")]
    [InlineData("to=2026-01-01T00:00:00", "to")]
    [InlineData("trigger=", "trigger")]
    [InlineData("before=-1", "before")]
    [InlineData("cursor=nonsense", "cursor")]
    [InlineData("after=1&after=2", "after")]
    public async Task List_BadQuery_IsRefusedByName(string query, string field) =>
        (await _session.GetAsync($"/checkpoints?{query}")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);

    [Fact]
    public async Task List_LimitAboveThePage_IsRefusedWithTheLimit() =>
        (await _session.GetAsync("/checkpoints?limit=1001")).MustRefuse(HttpStatusCode.RequestEntityTooLarge, "limit_exceeded", "limit");

    [Fact]
    public async Task List_OfASessionThatIsNotThere_IsEmpty() =>
        Assert.Equal("""{"items":[],"next":null}""", (await _session.GetAsync("/checkpoints")).Text);

    [Fact]
    public async Task At_ATime_AnswersTheNewestThen()
    {
        var first = await _session.CreateAsync("one");
        await _session.CreateAsync("two");

        var at = await _session.GetAsync($"/at?time={first.GetProperty("createdAt").GetString()}");
        Assert.Equal(1, at.Json.GetProperty("sequence").GetInt64());
        Assert.Equal(2, (await _session.GetAsync("/at?time=2999-01-01T00:00:00Z")).Json.GetProperty("sequence").GetInt64());
        (await _session.GetAsync("/at?time=2001-01-01T00:00:00Z")).MustRefuse(HttpStatusCode.NotFound, "checkpoint_not_found");
        (await _session.GetAsync("/at")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "time");
    }

    [Fact]
    public async Task Changes_RepeatedAfterTheirCheckpointWent_AnswerWhatIsKnown()
    {
        await _session.CreateAsync("one");
        await _session.CreateAsync("two");
        var restored = (await _session.PostAsync("/checkpoints/1/restore", "", ("Idempotency-Key", "restore"))).Json;
        (string, string) key = ("Idempotency-Key", "delete");
        Assert.Equal(HttpStatusCode.NoContent, (await _session.SendAsync(HttpMethod.Delete, "/checkpoints/1", null, key)).Status);

        var again = (await _session.PostAsync("/checkpoints/1/restore", "", ("Idempotency-Key", "restore"))).Json;

        Assert.Equal(JsonValueKind.Null, again.GetProperty("checkpoint").ValueKind);
        Assert.All(["undo", "position", "chain"], name => Assert.Equal(restored.GetProperty(name).ToString(), again.GetProperty(name).ToString()));
        Assert.Equal(HttpStatusCode.NoContent, (await _session.SendAsync(HttpMethod.Delete, "/checkpoints/1", null, key)).Status);
        (await _session.PostAsync("/checkpoints/1/restore", "", ("Idempotency-Key", "other"))).MustRefuse(HttpStatusCode.NotFound, "checkpoint_not_found");
    }

    [Fact]
    public async Task Restore_AnswersTheStateAndWhatWasCurrent()
    {
        await _session.CreateAsync("one");
        var second = await _session.CreateAsync("two");
        var restored = (await _session.PostAsync("/checkpoints/1/restore", "")).Json;

        Assert.Equal("one", restored.GetProperty("checkpoint").GetProperty("state").GetProperty("of").GetString());
        Assert.Equal(second.GetProperty("id").GetString(), restored.GetProperty("undo").GetProperty("id").GetString());
        Assert.Equal(1, (await _session.CreateAsync("three")).GetProperty("parent").GetInt64());
        (await _session.PostAsync("/checkpoints/9/restore", "")).MustRefuse(HttpStatusCode.NotFound, "checkpoint_not_found");
    }

    [Fact]
    public async Task Current_OnTheRoutesOfACheckpoint_IsWhatTheNextCreateFollows()
    {
        await _session.CreateAsync("one");
        await _session.CreateAsync("two");
        await _session.PostAsync("/checkpoints/1/restore", "");

        Assert.Equal(1, (await _session.GetAsync("/checkpoints/current")).Json.GetProperty("sequence").GetInt64());
        Assert.Equal("{\"of\":\"one\"}", (await _session.GetAsync("/checkpoints/current/state")).Text);
        Assert.Equal(HttpStatusCode.Created, (await _session.PostAsync("/checkpoints/current/annotations", """{"text":"note"}""")).Status);
        Assert.Equal(1, (await _session.PutAsync("/checkpoints/current/tags", """{"tags":["t"]}""")).Json.GetProperty("sequence").GetInt64());
        Assert.Equal(HttpStatusCode.OK, (await _session.PostAsync("/checkpoints/current/restore", "")).Status);
        Assert.Equal(1, (await _session.CreateAsync("three", ",\"parent\":\"current\"")).GetProperty("parent").GetInt64());
        Assert.Equal(3, (await _session.GetAsync("/checkpoints/current")).Json.GetProperty("sequence").GetInt64());
        Assert.Equal(HttpStatusCode.NoContent, (await _session.DeleteAsync("/checkpoints/current")).Status);
        Assert.Equal(1, (await _session.GetAsync("/checkpoints/current")).Json.GetProperty("sequence").GetInt64());
        Assert.Equal(HttpStatusCode.NoContent, (await _session.DeleteAsync("/checkpoints/current")).Status);
        var none = await _session.GetAsync("/checkpoints/current");
        none.MustRefuse(HttpStatusCode.NotFound, "checkpoint_not_found");
        Assert.Equal("current", none.Json.GetProperty("checkpoint").GetString());
        Assert.Equal(2, (await _session.GetAsync("/checkpoints/latest")).Json.GetProperty("sequence").GetInt64());
        Assert.Equal(JsonValueKind.Null, (await _session.GetAsync("")).Json.GetProperty("current").ValueKind);
    }

    [Fact]
    public async Task Annotate_UnderTheKeyOfACreate_IsARequestOfItsOwn()
    {
        var key = ("Idempotency-Key", "k");
        await _session.PostAsync("/checkpoints", """{"message":"m","state":1}""", key);

        var first = await _session.PostAsync("/checkpoints/1/annotations", """{"text":"n"}""", key);
        var second = await _session.PostAsync("/checkpoints/1/annotations", """{"text":"n"}""", key);

        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal(first.Text, second.Text);
        Assert.Equal(HttpStatusCode.OK, (await _session.PostAsync("/checkpoints", """{"message":"m","state":1}""", key)).Status);
    }

    [Fact]
    public async Task Annotate_ShowsWithTheCheckpoint_OnceForOneKey()
    {
        await _session.CreateAsync("one");
        var first = await _session.PostAsync("/checkpoints/1/annotations", """{"text":"n","severity":"critical"}""", ("Idempotency-Key", "k"));
        var second = await _session.PostAsync("/checkpoints/1/annotations", """{"text":"n","severity":"critical"}""", ("Idempotency-Key", "k"));

        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal(first.Text, second.Text);
        var note = Assert.Single((await _session.GetAsync("/checkpoints/1")).Json.GetProperty("annotations").EnumerateArray());
        Assert.Equal("critical", note.GetProperty("severity").GetString());
        Assert.Equal("n", note.GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("""{"severity":"info"}""", "text")]
    [InlineData("""{"text":""}""", "text")]
    [InlineData("""{"text":"n","severity":"dire"}""", "severity")]
    [InlineData("""{"text":"n","level":1}""", "level")]
    public async Task Annotate_BadBody_IsRefusedByField(string body, string field)
    {
        await _session.CreateAsync("one");
        (await _session.PostAsync("/checkpoints/1/annotations", body)).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);
    }

    [Fact]
    public async Task SetTags_ReplacesThem()
    {
        await _session.CreateAsync("one", ",\"tags\":[\"old\"]");
        var answer = await _session.PutAsync("/checkpoints/latest/tags", """{"tags":["new","newer"]}""");

        Assert.Equal(["new", "newer"], answer.Json.GetProperty("tags").EnumerateArray().Select(t => t.GetString()));
        Assert.Empty(Sequences((await _session.GetAsync("/checkpoints?tag=old")).Json));
        (await _session.PutAsync("/checkpoints/1/tags", "{}")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "tags");
        (await _session.PutAsync("/checkpoints/9/tags", """{"tags":[]}""")).MustRefuse(HttpStatusCode.NotFound, "checkpoint_not_found");
    }

    [Fact]
    public async Task Delete_OfACheckpoint_IsFinal()
    {
        await _session.CreateAsync("one");

        Assert.Equal(HttpStatusCode.NoContent, (await _session.DeleteAsync("/checkpoints/1")).Status);
        (await _session.DeleteAsync("/checkpoints/1")).MustRefuse(HttpStatusCode.NotFound, "checkpoint_not_found");
        (await _session.GetAsync("/checkpoints/latest")).MustRefuse(HttpStatusCode.NotFound, "checkpoint_not_found");
        Assert.Equal(2, (await _session.CreateAsync("two")).GetProperty("sequence").GetInt64());
    }

    private async Task MustListAsync(string query, params long[] sequences) =>
        Assert.Equal(sequences, Sequences((await _session.GetAsync($"/checkpoints?{query}")).Json));

    private static long[] Sequences(System.Text.Json.JsonElement page) =>
        [.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("sequence").GetInt64())];
}
