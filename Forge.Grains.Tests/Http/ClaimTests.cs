using System.Globalization;
using System.Net;
using Forge.Silo.Http;

namespace Forge.Grains.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class ClaimTests(SiloServer server)
{
    private const string Ndjson = "application/x-ndjson";
    private readonly SessionHttp _session = SessionHttp.New(server);

    [Fact]
    public async Task Claim_ReadTakeOverRenewAndRelease_AnswerTheEpoch()
    {
        (await _session.GetAsync("/claim")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
        await _session.CreateAsync("one");
        Assert.Equal("""{"epoch":0,"owner":null,"until":null}""", (await _session.GetAsync("/claim")).Text);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await _session.GetAsync("")).Json.GetProperty("claim").ValueKind);

        Assert.Equal("""{"epoch":1,"owner":"a","until":null}""", (await _session.PostAsync("/claim", """{"owner":"a"}""")).Text);
        var taken = (await _session.PostAsync("/claim", """{"owner":"b","lease":"PT5M"}""")).Json;
        Assert.Equal((2, "b"), (taken.GetProperty("epoch").GetInt64(), taken.GetProperty("owner").GetString()));
        var until = taken.GetProperty("until").GetDateTime();
        Assert.Equal(taken.ToString(), (await _session.GetAsync("/claim")).Json.ToString());
        Assert.Equal(taken.ToString(), (await _session.GetAsync("")).Json.GetProperty("claim").ToString());
        var renewed = (await PutAsync("/claim", """{"lease":"PT1H"}""", 2)).Json;
        Assert.Equal(2, renewed.GetProperty("epoch").GetInt64());
        Assert.True(renewed.GetProperty("until").GetDateTime() > until);

        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync("/claim", 2)).Status);
        Assert.Equal("""{"epoch":2,"owner":null,"until":null}""", (await _session.GetAsync("/claim")).Text);
        await _session.CreateAsync("two");
    }

    [Fact]
    public async Task Refusal_OfAClaim_TellsTheEpochTheOwnerAndTheEndOfItsLease()
    {
        await _session.PostAsync("/claim", """{"owner":"a"}""");
        var claim = (await _session.PostAsync("/claim", """{"owner":"b","lease":"PT5M"}""")).Json;

        MustTell(await _session.PostAsync("/checkpoints", """{"message":"m","state":1}"""), "claimed");
        MustTell(await _session.PostAsync("/checkpoints", """{"message":"m","state":1}""", (Epochs.Header, "1")), "superseded");
        MustTell(await _session.PostAsync("/claim", """{"owner":"c","ifFree":true}"""), "claimed");
        MustTell(await PutAsync("/claim", """{"lease":"PT1H"}""", 1), "superseded");
        MustTell(await DeleteAsync("/claim", 1), "superseded");

        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync("/claim", 2)).Status);
        var over = await DeleteAsync("/claim", 2);
        over.MustRefuse(HttpStatusCode.Conflict, "superseded");
        Assert.Equal(
            (2, System.Text.Json.JsonValueKind.Null), (over.Json.GetProperty("epoch").GetInt64(), over.Json.GetProperty("owner").ValueKind));

        void MustTell(HttpAnswer answer, string code)
        {
            answer.MustRefuse(HttpStatusCode.Conflict, code);
            foreach (var name in new[] { "epoch", "owner", "until" })
            {
                Assert.Equal(claim.GetProperty(name).ToString(), answer.Json.GetProperty(name).ToString());
            }
        }
    }

    [Fact]
    public async Task EveryChange_OfAClaimedSession_TakesTheEpochByItsHeader()
    {
        await _session.CreateAsync("one");
        await _session.CreateAsync("two");
        var document = (await _session.GetAsync("/export")).Body;
        await _session.PostAsync("/claim", """{"owner":"a"}""");
        (HttpMethod Method, string Path, string? Body, string Type)[] changes =
        [
            (HttpMethod.Post, "/checkpoints", """{"message":"m","state":1}""", "application/json"),
            (HttpMethod.Post, "/checkpoints?message=m", "plain", "text/plain"),
            (HttpMethod.Post, "/checkpoints/batch", """{"message":"m","state":1}""", Ndjson),
            (HttpMethod.Post, "/checkpoints/1/restore", null, ""),
            (HttpMethod.Post, "/checkpoints/1/annotations", """{"text":"n"}""", "application/json"),
            (HttpMethod.Put, "/checkpoints/1/tags", """{"tags":["t"]}""", "application/json"),
            (HttpMethod.Delete, "/checkpoints/2", null, ""),
            (HttpMethod.Put, "", "{}", "application/json"),
            (HttpMethod.Post, "/compact", """{"keepRecent":1}""", "application/json"),
            (HttpMethod.Delete, "", null, ""),
            (HttpMethod.Delete, "?erase=true", null, ""),
        ];
        foreach (var (method, path, body, type) in changes)
        {
            (await SendAsync(method, path, body, type, null)).MustRefuse(HttpStatusCode.Conflict, "claimed");
            (await SendAsync(method, path, body, type, "9")).MustRefuse(HttpStatusCode.Conflict, "superseded");
        }

        foreach (var (method, path, body, type) in changes)
        {
            var answer = await SendAsync(method, path, body, type, "1");
            Assert.True((int)answer.Status is >= 200 and < 300, $"{method} {path}: {answer.Text}");
        }

        var copy = SessionHttp.New(server);
        await copy.PostAsync("/claim", """{"owner":"a"}""");
        (await copy.PostAsync("/import", document, Ndjson)).MustRefuse(HttpStatusCode.Conflict, "claimed");
        (await copy.PostAsync("/import", document, Ndjson, (Epochs.Header, "2"))).MustRefuse(HttpStatusCode.Conflict, "superseded");
        Assert.Equal(
            """{"imported":2,"skipped":0}""", (await copy.PostAsync("/import", document, Ndjson, (Epochs.Header, "1"))).Text);
    }

    [Fact]
    public async Task Routes_OfChanges_AllKnowTheEpochButWhatIsUnderNoClaim()
    {
        var without = server.Routes()
            .Where(route => route.Route.Metadata.GetOrderedMetadata<KnownHeader>() is var known
                && known.Any(header => header.Name == RequestIds.Header) && !known.Any(header => header.Name == Epochs.Header))
            .Select(route => $"{route.Method} {route.Path}");

        // What is told of a run is fenced by the epoch of the effect.
        Assert.Equal(
            [
                "POST /v1/sessions/{session}/claim", "POST /v1/sessions/{session}/effects/{key}/complete",
                "POST /v1/sessions/{session}/effects/{key}/fail", "POST /v1/sessions/{session}/effects/{key}/renew",
                "POST /v1/sessions/{session}/effects/{key}/resolve", "POST /v1/sessions/{session}/fork",
            ],
            without.Order(StringComparer.Ordinal));
        (await _session.PostAsync("/claim", """{"owner":"a"}""", (Epochs.Header, "1")))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "forgeEpoch");
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.0")]
    [InlineData(" x")]
    [InlineData("99999999999999999999")]
    public async Task Epoch_ThatIsNone_IsRefusedByItsName(string epoch) =>
        (await _session.PostAsync("/checkpoints", """{"message":"m","state":1}""", (Epochs.Header, epoch)))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "forgeEpoch");

    [Fact]
    public async Task RenewAndRelease_WithoutAnEpoch_AreRefusedByItsName()
    {
        await _session.PostAsync("/claim", """{"owner":"a"}""");

        (await _session.PutAsync("/claim", """{"lease":"PT1H"}""")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "forgeEpoch");
        (await _session.DeleteAsync("/claim")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "forgeEpoch");
    }

    [Theory]
    [InlineData("{}", "owner")]
    [InlineData("""{"owner":null}""", "owner")]
    [InlineData("""{"owner":""}""", "owner")]
    [InlineData("""{"owner":"a","lease":"soon"}""", "lease")]
    [InlineData("""{"owner":"a","lease":"PT0.5S"}""", "lease")]
    [InlineData("""{"owner":"a","until":"2030-01-01T00:00:00Z"}""", "until")]
    public async Task Claim_BadBody_IsRefusedByField(string body, string field)
    {
        (await _session.PostAsync("/claim", body)).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);
        (await _session.GetAsync("")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");
    }

    [Fact]
    public async Task Claim_SentAgainWithItsKey_IsTheSameClaim()
    {
        var first = await _session.PostAsync("/claim", """{"owner":"a","lease":"PT5M"}""", ("Idempotency-Key", "k"));

        Assert.Equal(first.Text, (await _session.PostAsync("/claim", """{"owner":"a","lease":"PT5M"}""", ("Idempotency-Key", "k"))).Text);
        (await _session.PostAsync("/claim", """{"owner":"b"}""", ("Idempotency-Key", "k"))).MustRefuse(HttpStatusCode.Conflict, "request_conflict");
        Assert.Equal(2, (await _session.PostAsync("/claim", """{"owner":"a"}""")).Json.GetProperty("epoch").GetInt64());
    }

    private Task<HttpAnswer> PutAsync(string path, string body, long epoch) =>
        SendAsync(HttpMethod.Put, path, body, "application/json", epoch.ToString(CultureInfo.InvariantCulture));

    private Task<HttpAnswer> DeleteAsync(string path, long epoch) =>
        SendAsync(HttpMethod.Delete, path, null, "", epoch.ToString(CultureInfo.InvariantCulture));

    private Task<HttpAnswer> SendAsync(HttpMethod method, string path, string? body, string type, string? epoch)
    {
        var content = body is null ? null : new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body));
        content?.Headers.TryAddWithoutValidation("Content-Type", type);
        return _session.SendAsync(method, path, content, epoch is null ? [] : [(Epochs.Header, epoch)]);
    }
}
