using System.Net;
using System.Text;
using Xunit;

namespace Forge.Grains.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class SessionTests(SiloServer server)
{
    private const string Ndjson = "application/x-ndjson";
    private readonly SessionHttp _session = SessionHttp.New(server);

    [Fact]
    public async Task Get_Info_CountsWhatIsThere()
    {
        await _session.CreateAsync("one");
        await _session.CreateAsync("two");
        var info = (await _session.GetAsync("")).Json;

        Assert.Equal("default", info.GetProperty("tenant").GetString());
        Assert.Equal(2, info.GetProperty("count").GetInt64());
        Assert.Equal(2 * """{"of":"one"}""".Length, info.GetProperty("bytes").GetInt64());
        Assert.Equal(2, info.GetProperty("head").GetProperty("sequence").GetInt64());
    }

    [Fact]
    public async Task SetSettings_RoundTrip_MakesTheSession()
    {
        var settings = """{"labels":{"team":"a","Team":"b"},"automaticInterval":"PT90S","retention":{"keepRecent":3,"keepTags":["x"],"keepYoungerThan":"P1DT2H"},"timeToLive":"P30D"}""";
        await _session.PutAsync("", settings);

        var kept = (await _session.GetAsync("")).Json.GetProperty("settings");
        Assert.Equal("b", kept.GetProperty("labels").GetProperty("Team").GetString());
        Assert.Equal("PT1M30S", kept.GetProperty("automaticInterval").GetString());
        Assert.Equal(3, kept.GetProperty("retention").GetProperty("keepRecent").GetInt32());
        Assert.Equal("P1DT2H", kept.GetProperty("retention").GetProperty("keepYoungerThan").GetString());
        Assert.Equal("P30D", kept.GetProperty("timeToLive").GetString());
        await _session.PutAsync("", "{}");
        Assert.Empty((await _session.GetAsync("")).Json.GetProperty("settings").GetProperty("labels").EnumerateObject());
    }

    [Theory]
    [InlineData("""{"every":"PT5M"}""", """{"every":"PT5M","onError":false,"onToolCall":false,"answerWithin":null}""")]
    [InlineData(
        """{"every":"PT1S","onError":true,"onToolCall":true,"answerWithin":"PT1S"}""",
        """{"every":"PT1S","onError":true,"onToolCall":true,"answerWithin":"PT1S"}""")]
    [InlineData(
        """{"every":"P366D","answerWithin":"P366D"}""", """{"every":"P366D","onError":false,"onToolCall":false,"answerWithin":"P366D"}""")]
    [InlineData("null", null)]
    public async Task SetSettings_WithASchedule_RoundTrip(string schedule, string? expected)
    {
        await _session.PutAsync("", $$"""{"schedule":{{schedule}}}""");

        var settings = (await _session.GetAsync("")).Json.GetProperty("settings");
        Assert.Equal(expected, settings.TryGetProperty("schedule", out var kept) ? kept.GetRawText() : null);
        await _session.PutAsync("", "{}");
        Assert.False((await _session.GetAsync("")).Json.GetProperty("settings").TryGetProperty("schedule", out _));
    }

    [Theory]
    [InlineData("""{"label":{}}""", "label")]
    [InlineData("""{"labels":{"a":1}}""", "labels.a")]
    [InlineData("""{"labels":{"a":"1","a":"2"}}""", "labels.a")]
    [InlineData("""{"automaticInterval":"P1M"}""", "automaticInterval")]
    [InlineData("""{"automaticInterval":"5 minutes"}""", "automaticInterval")]
    [InlineData("""{"automaticInterval":"P366D"}""", "automaticInterval")]
    [InlineData("""{"retention":{"keepRecent":-1}}""", "retention.keepRecent")]
    [InlineData("""{"retention":{"keep":1}}""", "retention.keep")]
    [InlineData("""{"timeToLive":"soon"}""", "timeToLive")]
    [InlineData("""{"timeToLive":"PT0S"}""", "timeToLive")]
    [InlineData("""{"timeToLive":"P36501D"}""", "timeToLive")]
    [InlineData("""{"retention":[]}""", "retention")]
    [InlineData("""{"schedule":{}}""", "schedule")]
    [InlineData("""{"schedule":{"onError":false}}""", "schedule")]
    [InlineData("""{"schedule":{"every":"PT0.999S"}}""", "schedule.every")]
    [InlineData("""{"schedule":{"every":"P366DT0.001S"}}""", "schedule.every")]
    [InlineData("""{"schedule":{"every":"PT5M","answerWithin":"PT5.001M"}}""", "schedule.answerWithin")]
    [InlineData("""{"schedule":{"every":"PT5M","answerWithin":"PT5M0.001S"}}""", "schedule.answerWithin")]
    [InlineData("""{"schedule":{"onError":true,"answerWithin":"PT0S"}}""", "schedule.answerWithin")]
    [InlineData("""{"schedule":{"onError":1}}""", "schedule.onError")]
    [InlineData("""{"schedule":{"each":"PT5M"}}""", "schedule.each")]
    public async Task SetSettings_BadBody_IsRefusedByField(string body, string field)
    {
        (await _session.PutAsync("", body)).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);
        (await _session.GetAsync("")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
    }

    [Fact]
    public async Task Compact_CountsWhatGoesAndStays_DryRunChangesNothing()
    {
        for (var i = 0; i < 5; i++)
        {
            await _session.CreateAsync($"m{i}");
        }

        var dry = (await _session.PostAsync("/compact", """{"keepRecent":2,"dryRun":true}""")).Json;
        Assert.Equal(3, dry.GetProperty("deleted").GetInt64());
        Assert.Equal(5, (await _session.GetAsync("")).Json.GetProperty("count").GetInt64());
        var real = (await _session.PostAsync("/compact", """{"keepRecent":2}""")).Json;
        Assert.Equal(3, real.GetProperty("deleted").GetInt64());
        Assert.Equal(2, real.GetProperty("remaining").GetInt64());
        Assert.Equal(2, (await _session.GetAsync("")).Json.GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task Compact_DryRunInTheQuery_IsRefusedAndChangesNothing()
    {
        await _session.CreateAsync("one");
        await _session.CreateAsync("two");

        (await _session.PostAsync("/compact?dryRun=true", """{"keepRecent":1}"""))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "dryRun");
        Assert.Equal(2, (await _session.GetAsync("")).Json.GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task Compact_WithoutAPolicy_FollowsTheSessions()
    {
        for (var i = 0; i < 3; i++)
        {
            await _session.CreateAsync($"m{i}");
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await _session.PostAsync("/compact", "")).Status);
        await _session.PutAsync("", """{"retention":{"keepRecent":1}}""");
        Assert.Equal(2, (await _session.PostAsync("/compact", "")).Json.GetProperty("deleted").GetInt64());
    }

    [Fact]
    public async Task Delete_Session_IsGoneForGood()
    {
        (await _session.DeleteAsync()).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
        await _session.CreateAsync("one");

        Assert.Equal(HttpStatusCode.NoContent, (await _session.DeleteAsync()).Status);
        (await _session.PostAsync("/checkpoints", """{"message":"m","state":1}""")).MustRefuse(HttpStatusCode.Gone, "session_deleted");
        (await _session.GetAsync("/checkpoints")).MustRefuse(HttpStatusCode.Gone, "session_deleted");
    }

    [Fact]
    public async Task Delete_WithErase_IsAnsweredOnceNothingIsLeft()
    {
        (await _session.DeleteAsync("?erase=true")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
        (await _session.DeleteAsync("?erase=yes")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "erase");
        (await _session.DeleteAsync("?purge=true")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "purge");
        await _session.CreateAsync("one");

        Assert.Equal(HttpStatusCode.NoContent, (await _session.DeleteAsync("?erase=true")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await _session.DeleteAsync("?erase=true")).Status);
        (await _session.DeleteAsync()).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
        (await _session.PostAsync("/checkpoints", """{"message":"m","state":1}""")).MustRefuse(HttpStatusCode.Gone, "session_deleted");
    }

    /// <summary>A checkpoint has another place in another session's log.</summary>
    private static string Unchained(string answer) =>
        System.Text.RegularExpressions.Regex.Replace(answer, "\"chain\":\"[0-9a-f]{64}\"", "\"chain\":\"\"");

    [Fact]
    public async Task Export_ThenImport_KeepsEverything()
    {
        await _session.CreateAsync("one", ",\"tags\":[\"t\"]");
        await _session.PostAsync("/checkpoints?message=big", new byte[SiloServer.StateLimit], "a/b");
        await _session.PostAsync("/checkpoints/1/annotations", """{"text":"n"}""");
        var document = await _session.GetAsync("/export");
        Assert.Equal(Ndjson, document.ContentType);

        var copy = SessionHttp.New(server);
        var result = await copy.PostAsync("/import", document.Body, Ndjson);
        Assert.Equal("""{"imported":2,"skipped":0}""", result.Text);
        foreach (var path in new[] { "/checkpoints/1", "/checkpoints/2", "/checkpoints" })
        {
            Assert.Equal(Unchained((await _session.GetAsync(path)).Text), Unchained((await copy.GetAsync(path)).Text));
        }

        Assert.Equal("""{"imported":0,"skipped":2}""", (await copy.PostAsync("/import", document.Body, Ndjson)).Text);
    }

    [Fact]
    public async Task Import_BrokenDocument_ChangesNothing()
    {
        await _session.CreateAsync("one");
        var document = (await _session.GetAsync("/export")).Body;
        var copy = SessionHttp.New(server);

        (await copy.PostAsync("/import", document[..^20], Ndjson)).MustRefuse(HttpStatusCode.UnprocessableEntity, "import_rejected");
        (await copy.PostAsync("/import", "nonsense\n"u8.ToArray(), Ndjson)).MustRefuse(HttpStatusCode.UnprocessableEntity, "import_rejected");
        (await copy.GetAsync("")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
    }

    [Fact]
    public async Task Export_OfNothing_IsAProblem() =>
        (await _session.GetAsync("/export")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");

    [Fact]
    public async Task Sessions_WithSimilarIds_AreStrangers()
    {
        var run = Guid.NewGuid().ToString("N");
        string[] ids = [$"a1{run}", $"A1{run}", $"0a1{run}", $"a1{run}+x", $"a%2Fb{run}", $"é{run}"[1..] + "?#&%"];
        foreach (var id in ids)
        {
            var made = await new SessionHttp(server.Client, id).PostAsync("/checkpoints", $$"""{"message":"m","state":"{{id}}"}""");
            Assert.Equal(1, made.Json.GetProperty("sequence").GetInt64());
            using var response = await server.Client.GetAsync(made.Headers["Location"].Single() + "/state", TestContext.Current.CancellationToken);
            Assert.Equal($"\"{id}\"", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("ü")]
    public async Task AnyRoute_BadSessionId_IsRefused(string session) =>
        (await new SessionHttp(server.Client, session).GetAsync("")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "session");

    [Fact]
    public async Task AnyRoute_LongSessionId_IsRefused() =>
        (await new SessionHttp(server.Client, new string('x', 201)).GetAsync("/checkpoints"))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "session");

    [Fact]
    public async Task UnknownRouteOrMethod_IsAProblem()
    {
        (await _session.GetAsync("/nothing")).MustRefuse(HttpStatusCode.NotFound, "route_not_found");
        (await _session.SendAsync(HttpMethod.Patch, "", new ByteArrayContent(Encoding.UTF8.GetBytes("{}"))))
            .MustRefuse(HttpStatusCode.MethodNotAllowed, "method_not_allowed");
    }
}
