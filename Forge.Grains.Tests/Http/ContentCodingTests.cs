using System.IO.Compression;
using System.Net;
using System.Text;
using Forge.Grains.Tests.Portability;
using Forge.Silo.Http;

namespace Forge.Grains.Tests.Http;

/// <summary>Bodies that come compressed: decoded within the limits on every route that takes one.</summary>
[Collection(HttpTests.Name)]
public sealed class ContentCodingTests(SiloServer server)
{
    private readonly SessionHttp _session = SessionHttp.New(server);

    public static TheoryData<string> Codings => ["gzip", "GZIP", "deflate", "br", "zstd", "identity"];

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task AnyBody_Compressed_IsDecoded(string coding)
    {
        await TakenAsync("/checkpoints?message=raw", "notes", "text/plain");
        await TakenAsync("/checkpoints", """{"message":"json","state":1}""");
        await TakenAsync("/checkpoints/batch", """{"message":"batch","state":2}""", DocumentSamples.Ndjson);
        await TakenAsync("/checkpoints/1/annotations", """{"text":"n"}""");
        await TakenAsync("/checkpoints/2/tags", """{"tags":["t"]}""", method: "PUT");
        await TakenAsync("", """{"labels":{"a":"b"}}""", method: "PUT");
        await TakenAsync("/compact", """{"keepRecent":10}""");
        await TakenAsync("/verify", """{"anchors":[]}""");

        Assert.Equal("notes", (await _session.GetAsync("/checkpoints/1/state")).Text);
        Assert.Equal("text/plain", (await _session.GetAsync("/checkpoints/1/state")).ContentType);
        Assert.Equal("2", (await _session.GetAsync("/checkpoints/3/state")).Text);
        Assert.Equal("b", (await _session.GetAsync("")).Json.GetProperty("settings").GetProperty("labels").GetProperty("a").GetString());
        var copy = SessionHttp.New(server);
        var document = (await _session.GetAsync("/export")).Body;
        Assert.Equal("""{"imported":3,"skipped":0}""", (await copy.ImportAsync(Encode(coding, document), ("Content-Encoding", coding))).Text);
        var all = DocumentSamples.Bytes(DocumentSamples.Golden("tenant-v1.ndjson").Replace("golden", $"all-{Guid.NewGuid():N}", StringComparison.Ordinal));
        Assert.Equal(2, (await new TenantHttp(server.Client).ImportAsync(Encode(coding, all), coding)).Json.GetProperty("imported").GetInt32());

        async Task TakenAsync(string path, string body, string contentType = "application/json", string method = "POST")
        {
            using var content = new ByteArrayContent(Encode(coding, Encoding.UTF8.GetBytes(body)));
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
            var answer = await _session.SendAsync(new HttpMethod(method), path, content, ("Content-Encoding", coding));
            Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Created, $"{path}: {answer.Status} {answer.Text}");
        }
    }

    [Theory]
    [InlineData("compress")]
    [InlineData("gzip, gzip")]
    [InlineData("gzip,br")]
    [InlineData("x")]
    public async Task AnyBody_InACodingThatIsNotKnown_Is415(string coding)
    {
        foreach (var route in server.Routes().Where(route => route.Route.Metadata.GetMetadata<TakesBody>() is not null))
        {
            using var request = new HttpRequestMessage(new HttpMethod(route.Method), route.Address("never-used"))
            {
                Content = new ByteArrayContent([1, 2, 3]),
            };
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
            using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
            var answer = await HttpAnswer.ReadAsync(response);

            answer.MustRefuse(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type", "contentEncoding");
            Assert.Equal("gzip, zstd, br, deflate", string.Join(", ", answer.Headers["Accept-Encoding"]));
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task AnyBody_CutOffOrBroken_IsRefusedAndNothingIsCreated(string coding)
    {
        var whole = Encode(coding, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 60))));
        for (var length = 1; length < whole.Length; length++)
        {
            await RefusedAsync(whole[..length]);
        }

        await RefusedAsync([.. "no such thing"u8]);

        (await _session.GetAsync("")).MustRefuse(HttpStatusCode.NotFound, "session_not_found");

        async Task RefusedAsync(byte[] body) =>
            (await _session.PostAsync("/checkpoints?message=m", body, "text/plain", ("Content-Encoding", coding)))
                .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "body");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task AnyBody_Bomb_IsRefusedAtTheLimitOfWhatItIsDecodedTo(string coding)
    {
        var spaces = new byte[64 * 1024 * 1024];
        Array.Fill(spaces, (byte)' ');
        var bomb = Encode(coding, spaces);

        var state = await _session.PostAsync("/checkpoints?message=m", bomb, "text/plain", ("Content-Encoding", coding));
        var json = await _session.PostAsync("/checkpoints/1/annotations", bomb, "application/json", ("Content-Encoding", coding));

        state.MustRefuse(HttpStatusCode.RequestEntityTooLarge, "limit_exceeded", "state");
        Assert.Equal(SiloServer.StateLimit, state.Json.GetProperty("limit").GetInt64());

        // And it was not decoded to its end.
        Assert.InRange(state.Json.GetProperty("actual").GetInt64(), SiloServer.StateLimit + 1, 4 * 1024 * 1024);
        json.MustRefuse(HttpStatusCode.RequestEntityTooLarge, "limit_exceeded", "body");
    }

    private static byte[] Encode(string coding, byte[] plain)
    {
        var encoded = new MemoryStream();
        using (Stream? encoder = coding.ToLowerInvariant() switch
        {
            "gzip" => new GZipStream(encoded, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(encoded, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(encoded, CompressionLevel.Fastest, leaveOpen: true),
            "zstd" => new ZstdSharp.CompressionStream(encoded, leaveOpen: true),
            _ => null,
        })
        {
            (encoder ?? encoded).Write(plain);
        }

        return encoded.ToArray();
    }
}
