using System.Net;

namespace Forge.Grains.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class EffectTests(SiloServer server)
{
    private readonly SessionHttp _session = SessionHttp.New(server);

    [Fact]
    public async Task Effect_BegunRenewedAndCompleted_AnswersEachStep()
    {
        var begun = (await _session.PostAsync("/effects/k/begin", """{"class":"write","request":"r","lease":"PT1M","targetKey":"t"}""")).Json;
        Assert.True(begun.GetProperty("begun").GetBoolean());
        Assert.Equal(("running", 1, "t"), (begun.GetProperty("status").GetString(), begun.GetProperty("epoch").GetInt64(), begun.GetProperty("targetKey").GetString()));
        Assert.Equal("running", (await _session.PostAsync("/effects/k/renew", """{"epoch":1,"lease":"PT5M"}""")).Json.GetProperty("status").GetString());

        var done = (await _session.PostAsync("/effects/k/complete", """{"epoch":1,"result":{"a": 1.0}}""")).Json;

        Assert.Equal(("completed", """{"a": 1.0}"""), (done.GetProperty("status").GetString(), done.GetProperty("result").GetRawText()));
        Assert.False(done.TryGetProperty("begun", out _));
        Assert.Equal(done.ToString(), (await _session.GetAsync("/effects/k")).Json.ToString());
        var again = (await _session.PostAsync("/effects/k/begin", """{"class":"write","request":"r"}""")).Json;
        Assert.False(again.GetProperty("begun").GetBoolean());
        var bytes = (await _session.PostAsync("/effects/b/begin", """{"class":"read","request":"r"}""")).Json;
        Assert.True(bytes.GetProperty("begun").GetBoolean());
        Assert.Equal(
            "AAEC", (await _session.PostAsync("/effects/b/complete", """{"epoch":1,"resultBase64":"AAEC"}""")).Json.GetProperty("resultBase64").GetString());
        Assert.Equal(
            ["b"], (await _session.GetAsync("/effects?class=read")).Json.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("key").GetString()));
    }

    [Fact]
    public async Task Refusals_OfEffects_HaveTheirCodes()
    {
        (await _session.GetAsync("/effects/none")).MustRefuse(HttpStatusCode.NotFound, "effect_not_found");
        await _session.PostAsync("/effects/k/begin", """{"class":"write","request":"r"}""");
        (await _session.PostAsync("/effects/k/begin", """{"class":"write","request":"q"}""")).MustRefuse(HttpStatusCode.Conflict, "effect_conflict");
        (await _session.PostAsync("/effects/k/complete", """{"epoch":2,"result":1}""")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request");
        (await _session.PostAsync("/effects/k/resolve", """{"epoch":1,"verdict":"retry","by":"b","why":"w"}"""))
            .MustRefuse(HttpStatusCode.Conflict, "effect_settled");
        Assert.Equal("failed", (await _session.PostAsync("/effects/k/fail", """{"epoch":1,"reason":"no"}""")).Json.GetProperty("status").GetString());
        var resolved = (await _session.PostAsync("/effects/k/resolve", """{"epoch":1,"verdict":"retry","by":"b","why":"w"}""")).Json;
        Assert.Equal(("retry", "b", "w"), (resolved.GetProperty("status").GetString(), resolved.GetProperty("resolvedBy").GetString(), resolved.GetProperty("reason").GetString()));
        await _session.PostAsync("/effects/k/begin", """{"class":"write","request":"r"}""");
        (await _session.PostAsync("/effects/k/complete", """{"epoch":1,"result":1}""")).MustRefuse(HttpStatusCode.Conflict, "effect_superseded");
    }

    [Theory]
    [InlineData("begin", """{"class":"other","request":"r"}""", "class")]
    [InlineData("begin", """{"class":"write"}""", "request")]
    [InlineData("begin", """{"class":"write","requestSha256":"A"}""", "requestSha256")]
    [InlineData("begin", """{"class":"token","request":"r"}""", "requestSha256")]
    [InlineData("begin", """{"class":"write","request":"r","lease":"PT0.5S"}""", "lease")]
    [InlineData("renew", """{"epoch":0,"lease":"PT1M"}""", "epoch")]
    [InlineData("complete", """{"epoch":1,"result":1,"resultBase64":"AAEC"}""", "result")]
    [InlineData("fail", """{"epoch":1,"reason":""}""", "reason")]
    [InlineData("resolve", """{"epoch":1,"verdict":"maybe","by":"b","why":"w"}""", "verdict")]
    [InlineData("resolve", """{"epoch":1,"verdict":"retry","by":"b","why":"w","result":1}""", "result")]
    public async Task Refusal_OfABadValue_NamesItsField(string what, string body, string field)
    {
        var refusal = await _session.PostAsync($"/effects/k/{what}", body);

        refusal.MustRefuse(HttpStatusCode.BadRequest, "invalid_request");
        Assert.Equal(field, refusal.Json.GetProperty("field").GetString());
        Assert.Equal(
            "status", (await _session.GetAsync("/effects?status=maybe")).Json.GetProperty("field").GetString());
    }

    [Fact]
    public async Task Result_LongerThanTheLimit_IsRefusedWithIt()
    {
        await _session.PostAsync("/effects/k/begin", """{"class":"write","request":"r"}""");

        var refusal = await _session.PostAsync("/effects/k/complete", $$"""{"epoch":1,"result":"{{new string('x', 64 * 1024)}}"}""");

        refusal.MustRefuse(HttpStatusCode.RequestEntityTooLarge, "limit_exceeded");
        Assert.Equal(("result", 65_536), (refusal.Json.GetProperty("field").GetString(), refusal.Json.GetProperty("limit").GetInt32()));
        Assert.Equal("running", (await _session.GetAsync("/effects/k")).Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Restore_ThatRefusesEffects_TellsThem()
    {
        await _session.CreateAsync("one");
        await _session.PostAsync("/effects/k/begin", """{"class":"write","request":"r"}""");

        var refusal = await _session.PostAsync("/checkpoints/1/restore", """{"effects":"refuse"}""");

        refusal.MustRefuse(HttpStatusCode.Conflict, "effects_after");
        Assert.Equal("""[{"key":"k","class":"write","status":"running"}]""", refusal.Json.GetProperty("effectsAfter").GetRawText());
        var restored = (await _session.PostAsync("/checkpoints/1/restore", """{"effects":"refuse","acknowledge":["k"]}""")).Json;
        Assert.Equal(
            """{"items":[{"key":"k","class":"write","status":"running"}],"count":1,"more":false}""", restored.GetProperty("effectsAfter").GetRawText());
    }
}
