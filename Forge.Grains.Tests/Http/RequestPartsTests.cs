using System.Net;
using System.Text;
using Forge.Silo.Http;

namespace Forge.Grains.Tests.Http;

/// <summary>Every route refuses what it does not know of a request, by name and with nothing changed.</summary>
[Collection(HttpTests.Name)]
public sealed class RequestPartsTests(SiloServer server)
{
    private readonly SessionHttp _session = SessionHttp.New(server);

    [Fact]
    public async Task AnyRoute_QueryNameThatItDoesNotHave_IsRefusedByName()
    {
        Assert.True(server.Routes().Count() >= 20);
        foreach (var route in server.Routes())
        {
            (await SendAsync(route, query: "?bogus=1")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "bogus");
            foreach (var known in route.Route.Metadata.GetOrderedMetadata<QueryParameter>())
            {
                var shouted = known.Name.ToUpperInvariant();
                (await SendAsync(route, query: $"?{shouted}=1")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", shouted);
                (await SendAsync(route, query: $"?{known.Name}=%ff")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", known.Name);
            }
        }
    }

    [Theory]
    [InlineData("Idempotency-Key", "idempotencyKey")]
    [InlineData("Forge-Epoch", "forgeEpoch")]
    [InlineData("forge-anything", "forgeanything")]
    [InlineData("If-Match", "ifMatch")]
    [InlineData("If-None-Match", "ifNoneMatch")]
    [InlineData("If-Unmodified-Since", "ifUnmodifiedSince")]
    [InlineData("Content-Range", "contentRange")]
    public async Task AnyRoute_HeaderThatItWouldHaveToKnow_IsRefusedByName(string header, string field)
    {
        var isOurs = !field.StartsWith("if", StringComparison.Ordinal) && !field.StartsWith("content", StringComparison.Ordinal);
        foreach (var route in server.Routes().Where(route => isOurs || route.Method != "GET"))
        {
            var answer = await SendAsync(route, header: (header, "1"));
            if (route.Route.Metadata.GetOrderedMetadata<KnownHeader>().Any(known => known.Name == header))
            {
                Assert.DoesNotContain(field, answer.Text, StringComparison.Ordinal);
            }
            else
            {
                answer.MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);
            }
        }
    }

    [Fact]
    public async Task AnyRoute_BodyThatItDoesNotTake_IsRefused()
    {
        foreach (var route in server.Routes().Where(route => route.Route.Metadata.GetMetadata<TakesBody>() is null))
        {
            (await SendAsync(route, new StringContent("{}"))).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "body");
            (await SendAsync(route, new StreamContent(new Unmeasured("{}")))).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "body");
            Assert.NotEqual("body", Field(await SendAsync(route, new StringContent(""))));
            Assert.NotEqual("body", Field(await SendAsync(route, new StreamContent(new Unmeasured("")))));
        }
    }

    [Fact]
    public async Task Restore_DryRunInTheQuery_IsRefusedAndChangesNothing()
    {
        await _session.CreateAsync("one");
        await _session.CreateAsync("two");

        (await _session.PostAsync("/checkpoints/1/restore?dryRun=true", "")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "dryRun");

        Assert.Equal(2, (await _session.GetAsync("")).Json.GetProperty("version").GetInt64());
    }

    [Theory]
    [InlineData("%2F")]
    [InlineData("%2f")]
    [InlineData("%ff")]
    [InlineData("%c0%af")]
    [InlineData("%ed%a0%80")]
    [InlineData("%zz")]
    [InlineData("%2")]
    [InlineData("%")]
    public async Task AnyRoute_NameThatHoldsASlashOrIsIllFormed_IsRefused(string part)
    {
        foreach (var route in server.Routes().Where(route => route.Path.Contains("{session}", StringComparison.Ordinal)))
        {
            (await SendAsync(route, session: $"a{part}~")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "session");
            if (route.Path.Contains("{checkpoint}", StringComparison.Ordinal))
            {
                (await SendAsync(route, checkpoint: $"1{part}")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "checkpoint");
            }
        }
    }

    [Theory]
    [InlineData("a/checkpoints/..", "DELETE")]
    [InlineData("a/checkpoints/%2e%2E", "DELETE")]
    [InlineData("x/../a", "GET")]
    [InlineData("./a", "GET")]
    public async Task AnyRoute_DotSegments_AreNoOtherNameOfASession(string path, string method)
    {
        await new SessionHttp(server.Client, "a").CreateAsync("one");

        using var request = new HttpRequestMessage(new HttpMethod(method), Exactly($"/v1/sessions/{path}"));
        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        (await HttpAnswer.ReadAsync(response)).MustRefuse(HttpStatusCode.BadRequest, "invalid_request");
        Assert.Equal(HttpStatusCode.OK, (await new SessionHttp(server.Client, "a").GetAsync("")).Status);
    }

    [Theory]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/x-ndjson; charset=\"iso-8859-1\"")]
    public async Task AnyJson_InAnotherCharset_Is415(string contentType)
    {
        foreach (var route in server.Routes().Where(route => route.Route.Metadata.GetMetadata<TakesBody>() is not null))
        {
            var content = new ByteArrayContent("{}"u8.ToArray());
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
            (await SendAsync(route, content)).MustRefuse(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type", "contentType");
        }
    }

    [Fact]
    public async Task Create_JsonInUtf8ByName_IsTaken() => Assert.Equal(
        HttpStatusCode.Created,
        (await _session.PostAsync("/checkpoints", """{"message":"m","state":1}"""u8.ToArray(), "application/json; charset=\"UTF-8\"")).Status);

    private static string? Field(HttpAnswer answer) =>
        answer.ContentType == "application/problem+json" && answer.Json.TryGetProperty("field", out var field) ? field.GetString() : null;

    private async Task<HttpAnswer> SendAsync(
        SiloRoute route, HttpContent? content = null, string query = "", string session = "never-used", string checkpoint = "1",
        (string Name, string Value)? header = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(route.Method), Exactly(route.Address(session, checkpoint) + query))
        {
            Content = content ?? new ByteArrayContent([]),
        };
        if (header is { } given && !request.Headers.TryAddWithoutValidation(given.Name, given.Value))
        {
            request.Content.Headers.TryAddWithoutValidation(given.Name, given.Value);
        }

        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return await HttpAnswer.ReadAsync(response);
    }

    /// <summary>The URL as it stands: dots and escapes are sent as they are.</summary>
    private Uri Exactly(string target) => new(
        server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + target,
        new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    /// <summary>A stream that does not say how long it is, so that it is sent in chunks.</summary>
    private sealed class Unmeasured(string text) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override bool CanSeek => false;
    }
}
