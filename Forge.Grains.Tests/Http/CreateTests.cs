using System.Net;
using System.Text;
using System.Text.Json;
using Forge.History.PostgreSql;
using Xunit;

namespace Forge.Grains.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class CreateTests(SiloServer server)
{
    private readonly SessionHttp _session = SessionHttp.New(server);

    [Fact]
    public async Task Create_Json_AnswersTheSummaryAndWhereItIs()
    {
        var answer = await _session.PostAsync(
            "/checkpoints", """{"message":"héllo ✓","tags":["b","a","b"],"trigger":"codeModified","state":[1,2]}""");

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(1, answer.Json.GetProperty("sequence").GetInt64());
        Assert.Equal("héllo ✓", answer.Json.GetProperty("message").GetString());
        Assert.Equal(["b", "a"], answer.Json.GetProperty("tags").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal("codeModified", answer.Json.GetProperty("trigger").GetString());
        Assert.EndsWith("Z", answer.Json.GetProperty("createdAt").GetString());
        var location = $"{_session.Path}/checkpoints/{answer.Json.GetProperty("id").GetString()}";
        Assert.Equal(location, answer.Headers["Location"].Single());
    }

    [Theory]
    [InlineData("""{ "a" :  1.0e+2, "a":1,	"é":"\u00e9\/" }""")]
    [InlineData("null")]
    [InlineData("  123456789012345678901234567890.10  ")]
    [InlineData("\"one\"")]
    public async Task Create_Json_KeepsTheVeryBytesOfTheState(string state)
    {
        await _session.PostAsync("/checkpoints", "{\"state\":" + state + ",\"message\":\"m\"}");

        var saved = await _session.GetAsync("/checkpoints/latest/state");
        Assert.Equal(state.Trim(), saved.Text);
        Assert.Equal("application/json", saved.ContentType);
        var whole = await _session.GetAsync("/checkpoints/latest");
        Assert.EndsWith("\"state\":" + state.Trim() + "}", whole.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_DeeplyNestedState_IsKept()
    {
        var state = new string('[', 5_000) + new string(']', 5_000);
        await _session.PostAsync("/checkpoints", "{\"message\":\"m\",\"state\":" + state + "}");

        Assert.Equal(state, (await _session.GetAsync("/checkpoints/1/state")).Text);
        Assert.Contains(state, (await _session.GetAsync("/checkpoints/1")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_Base64_KeepsBytesAndAnswersThemInBase64()
    {
        var answer = await _session.PostAsync("/checkpoints", """{"message":"m","stateBase64":"/wD+"}""");

        Assert.Equal("application/octet-stream", answer.Json.GetProperty("contentType").GetString());
        Assert.Equal([0xFF, 0x00, 0xFE], (await _session.GetAsync("/checkpoints/1/state")).Body);
        Assert.Equal("/wD+", (await _session.GetAsync("/checkpoints/1")).Json.GetProperty("stateBase64").GetString());
    }

    [Fact]
    public async Task Create_BytesThatClaimToBeJson_AreAnsweredInBase64()
    {
        await _session.PostAsync("/checkpoints", """{"message":"m","stateBase64":"/wD+","contentType":"application/json"}""");

        var whole = await _session.GetAsync("/checkpoints/1");
        Assert.Equal("/wD+", whole.Json.GetProperty("stateBase64").GetString());
        Assert.False(whole.Json.TryGetProperty("state", out _));
    }

    [Fact]
    public async Task Create_OtherContentType_TakesTheBodyAsTheState()
    {
        byte[] body = [0, 1, 2, 255];
        var id = Guid.NewGuid();
        var answer = await _session.PostAsync(
            $"/checkpoints?message=a%20b&tags=x,y&tags=z&trigger=toolCall&id={id}", body, "image/png");

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal(id, answer.Json.GetProperty("id").GetGuid());
        Assert.Equal("a b", answer.Json.GetProperty("message").GetString());
        Assert.Equal(["x,y", "z"], answer.Json.GetProperty("tags").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal("toolCall", answer.Json.GetProperty("trigger").GetString());
        var saved = await _session.GetAsync("/checkpoints/1/state");
        Assert.Equal(body, saved.Body);
        Assert.Equal("image/png", saved.ContentType);
    }

    [Fact]
    public async Task Create_SameIdAgain_AnswersTheFirstWith200()
    {
        var body = $$"""{"message":"m","state":1,"id":"{{Guid.NewGuid()}}"}""";
        var first = await _session.PostAsync("/checkpoints", body);
        var second = await _session.PostAsync("/checkpoints", body);

        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal(HttpStatusCode.OK, second.Status);
        Assert.Equal(first.Text, second.Text);
        Assert.Single((await _session.GetAsync("/checkpoints")).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Create_SameKeyAgain_TakesEffectOnce()
    {
        var key = ("Idempotency-Key", "step 7 / again");
        var first = await _session.PostAsync("/checkpoints", """{"message":"m","state":1}""", key);
        await _session.CreateAsync("between");
        var second = await _session.PostAsync("/checkpoints", """{"message":"m","state":1}""", key);
        var third = await _session.PostAsync("/checkpoints", """{"message":"m","state":2}""", key);

        Assert.Equal(HttpStatusCode.OK, second.Status);
        Assert.Equal(first.Text, second.Text);
        third.MustRefuse(HttpStatusCode.Conflict, "request_conflict");
        Assert.Equal(2, (await _session.GetAsync("")).Json.GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task Create_ParentAndExpectedHead_AreObserved()
    {
        await _session.CreateAsync("one");
        await _session.CreateAsync("two");
        var branch = await _session.CreateAsync("branch", ",\"parent\":1,\"expectedHead\":2");
        Assert.Equal(1, branch.GetProperty("parent").GetInt64());

        var late = await _session.PostAsync("/checkpoints", """{"message":"m","state":1,"expectedHead":2}""");
        late.MustRefuse(HttpStatusCode.Conflict, "head_mismatch");
        Assert.Equal(3, late.Json.GetProperty("actual").GetInt64());
        (await _session.PostAsync("/checkpoints", """{"message":"m","state":1,"parent":"99"}"""))
            .MustRefuse(HttpStatusCode.NotFound, "checkpoint_not_found", "parent");
    }

    [Theory]
    [InlineData("\"none\"")]
    [InlineData("0")]
    public async Task Create_ParentNone_MakesARoot(string none)
    {
        await _session.CreateAsync("one");
        Assert.Equal(JsonValueKind.Null, (await _session.CreateAsync("root", $",\"parent\":{none}")).GetProperty("parent").ValueKind);
        var bytes = await _session.PostAsync($"/checkpoints?message=m&parent={none.Trim('"')}", [1], "a/b");
        Assert.Equal(JsonValueKind.Null, bytes.Json.GetProperty("parent").ValueKind);
        Assert.Equal(3, (await _session.CreateAsync("child", ",\"parent\":null")).GetProperty("parent").GetInt64());
        (await _session.GetAsync("/checkpoints/none")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "checkpoint");
    }

    [Fact]
    public async Task Create_AutomaticTooSoon_IsNotTaken()
    {
        await _session.CreateAsync("one");
        var answer = await _session.PostAsync("/checkpoints", """{"message":"m","state":1,"trigger":"significantTimePassed"}""");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("""{"taken":false}""", answer.Text);
        Assert.Equal(1, (await _session.GetAsync("")).Json.GetProperty("count").GetInt64());
    }

    [Theory]
    [InlineData("""{"message":"m","state":1,"bogus":2}""", "bogus")]
    [InlineData("""{"message":"m","message":"m","state":1}""", "message")]
    [InlineData("""{"message":"m"}""", "state")]
    [InlineData("""{"message":"m","state":1,"stateBase64":"AA=="}""", "state")]
    [InlineData("""{"state":1}""", "message")]
    [InlineData("""{"message":"","state":1}""", "message")]
    [InlineData("""{"message":"a\u0000b","state":1}""", "message")]
    [InlineData("""{"message":"\ud800","state":1}""", "message")]
    [InlineData("""{"message":7,"state":1}""", "message")]
    [InlineData("""{"message":"m","state":1,"tags":"t"}""", "tags")]
    [InlineData("""{"message":"m","state":1,"tags":[1]}""", "tags")]
    [InlineData("""{"message":"m","state":1,"tags":[""]}""", "tags")]
    [InlineData("""{"message":"m","state":1,"trigger":"whim"}""", "trigger")]
    [InlineData("""{"message":"m","state":1,"id":"x"}""", "id")]
    [InlineData("""{"message":"m","state":1,"parent":-1}""", "parent")]
    [InlineData("""{"message":"m","state":1,"parent":"None"}""", "parent")]
    [InlineData("""{"message":"m","state":1,"expectedHead":-1}""", "expectedHead")]
    [InlineData("""{"message":"m","stateBase64":"*"}""", "stateBase64")]
    [InlineData("""{"message":"m","state":1,"contentType":"a\nb"}""", "contentType")]
    [InlineData("""["message"]""", "body")]
    [InlineData("", "body")]
    [InlineData("""{"message":"m","state":1}x""", "body")]
    public async Task Create_BadJson_IsRefusedByFieldAndChangesNothing(string body, string field)
    {
        (await _session.PostAsync("/checkpoints", body)).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);
        (await _session.GetAsync("")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
    }

    [Fact]
    public async Task Create_BrokenJson_SaysWhere()
    {
        var answer = await _session.PostAsync("/checkpoints", "{\"message\":\n \"m\", state}");

        answer.MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "body");
        Assert.Contains("line 2, byte 7", answer.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_NotUtf8_IsRefused() =>
        (await _session.PostAsync("/checkpoints", [.. "{\"message\":\"m\",\"state\":\""u8, 0xFF, .. "\"}"u8], "application/json"))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "body");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Create_StateAboveTheLimit_IsRefusedWithTheLimit(bool announced)
    {
        using var content = new StreamContent(new MemoryStream(new byte[SiloServer.StateLimit + 1]));
        content.Headers.TryAddWithoutValidation("Content-Type", "application/octet-stream");
        content.Headers.ContentLength = announced ? SiloServer.StateLimit + 1 : null;
        var answer = await _session.SendAsync(HttpMethod.Post, "/checkpoints?message=m", content);

        answer.MustRefuse(HttpStatusCode.RequestEntityTooLarge, "limit_exceeded", "state");
        Assert.Equal(SiloServer.StateLimit, answer.Json.GetProperty("limit").GetInt64());
        Assert.Equal("bytes", answer.Json.GetProperty("unit").GetString());
    }

    [Fact]
    public async Task Create_StateAtTheLimit_IsTakenEitherWay()
    {
        var state = new byte[SiloServer.StateLimit];

        Assert.Equal(HttpStatusCode.Created, (await _session.PostAsync("/checkpoints?message=m", state, "a/b")).Status);
        Assert.Equal(HttpStatusCode.Created, (await _session.PostAsync("/checkpoints", Json(state))).Status);
        (await _session.PostAsync("/checkpoints", Json([.. state, 0])))
            .MustRefuse(HttpStatusCode.RequestEntityTooLarge, "limit_exceeded", "state");
    }

    private static string Json(byte[] state) =>
        "{\"message\":\"m\",\"stateBase64\":\"" + Convert.ToBase64String(state) + "\"}";

    [Fact]
    public async Task Create_BodyAboveWhatAnyCreateNeeds_IsRefusedUnread()
    {
        var answer = await _session.PostAsync("/checkpoints", Encoding.UTF8.GetBytes(new string(' ', 6 * 1024 * 1024)), "application/json");
        answer.MustRefuse(HttpStatusCode.RequestEntityTooLarge, "limit_exceeded", "body");
    }

    [Theory]
    [InlineData("/checkpoints", "message")]
    [InlineData("/checkpoints?message=m&mesage=n", "mesage")]
    [InlineData("/checkpoints?message=m&message=n", "message")]
    [InlineData("/checkpoints?message=m&id=1", "id")]
    public async Task Create_BadQuery_IsRefusedByName(string path, string field) =>
        (await _session.PostAsync(path, [1], "a/b")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);

    [Fact]
    public async Task Create_KeyTwiceOrTogetherWithAnId_IsRefused()
    {
        (await _session.PostAsync("/checkpoints", """{"message":"m","state":1}""", ("Idempotency-Key", "")))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "idempotencyKey");
        (await _session.PostAsync(
            "/checkpoints", $$"""{"message":"m","state":1,"id":"{{Guid.NewGuid()}}"}""", ("Idempotency-Key", "k")))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "idempotencyKey");
    }
}
