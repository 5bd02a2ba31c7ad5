using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Forge.Grains.Tests.Http;

/// <summary>States that come as the difference from one that the silo has.</summary>
[Collection(HttpTests.Name)]
public sealed partial class StateDifferenceTests(SiloServer server)
{
    private const string MediaType = "application/vnd.forge.difference";

    private readonly SessionHttp _session = SessionHttp.New(server);
    private readonly byte[] _state = Bytes(1, 5000);

    [Fact]
    public async Task Create_TheBytesBetweenAsTheBody_IsAsIfItHadComeWhole()
    {
        await SaveAsync(_state);
        byte[] next = [.. _state[..4000], 7, 8, .. _state[4001..]];

        var made = await _session.PostAsync($"/checkpoints?message=two&tags=t&contentType=text%2Fplain&{Query(1, 4000, 999, next)}", [7, 8], MediaType);

        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal((2, "two", "text/plain", next.Length, Sha256(next)), (
            made.Json.GetProperty("sequence").GetInt64(), made.Json.GetProperty("message").GetString(), made.Json.GetProperty("contentType").GetString(),
            made.Json.GetProperty("size").GetInt32(), made.Json.GetProperty("checksum").GetString()));
        Assert.EndsWith(made.Json.GetProperty("id").GetString()!, made.Headers["Location"].Single(), StringComparison.Ordinal);
        var saved = await _session.GetAsync("/checkpoints/2/state");
        Assert.Equal(next, saved.Body);
        Assert.Equal("text/plain", saved.ContentType);
        Assert.Equal(0, (await _session.PostAsync("/verify", "")).Json.GetProperty("invalid").GetInt64());
    }

    [Theory]
    [InlineData("application/vnd.forge.difference; a=b")]
    [InlineData("Application/VND.Forge.Difference")]
    public async Task Create_WithoutAContentTypeOfTheState_IsOfPlainBytes(string mediaType)
    {
        var id = (await SaveAsync(_state)).GetProperty("id").GetString();

        await _session.PostAsync($"/checkpoints?message=two&{Query(id!, 5000, 0, _state)}", [], mediaType);

        var saved = await _session.GetAsync("/checkpoints/2/state");
        Assert.Equal(_state, saved.Body);
        Assert.Equal("application/octet-stream", saved.ContentType);
    }

    [Fact]
    public async Task Create_WholeStateOfTheTypeOfADifference_IsRefused()
    {
        foreach (var type in new[] { MediaType, "Application/Vnd.Forge.Difference; base=\"1\"" })
        {
            var draft = JsonSerializer.Serialize(new { message = "m", stateBase64 = "AAAA", contentType = type });
            (await _session.PostAsync("/checkpoints", draft)).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "contentType");
        }
    }

    [Fact]
    public async Task Create_DifferenceInJson_IsAsIfItHadComeWhole()
    {
        await SaveAsync(_state);
        byte[] next = [.. _state, 1, 2, 3];

        var made = await _session.PostAsync("/checkpoints", Json("\"1\"", 5000, 0, next, [1, 2, 3], ",\"contentType\":\"a/b\",\"tags\":[\"t\"]"));
        await _session.PostAsync("/checkpoints", Json("2", 5003, 0, next, []));

        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal((next.Length, Sha256(next)), (made.Json.GetProperty("size").GetInt32(), made.Json.GetProperty("checksum").GetString()));
        foreach (var (sequence, type) in new[] { (2, "a/b"), (3, "application/octet-stream") })
        {
            var saved = await _session.GetAsync($"/checkpoints/{sequence}/state");
            Assert.Equal(next, saved.Body);
            Assert.Equal(type, saved.ContentType);
        }
    }

    [Fact]
    public async Task Create_SentAgainWholeOrAsADifference_IsARepeat()
    {
        await SaveAsync(_state);
        byte[] next = [.. _state, 1];
        (string, string) key = ("Idempotency-Key", "step"), other = ("Idempotency-Key", "other");
        var (bytes, json) = ($"/checkpoints?message=two&{Query(1, 5000, 0, next)}", Json("1", 5000, 0, next, [1]));
        const string Whole = "/checkpoints?message=two", Octets = "application/octet-stream";

        var first = await _session.PostAsync(bytes, [1], MediaType, key);
        HttpAnswer[] again =
        [
            await _session.PostAsync(bytes, [1], MediaType, key), await _session.PostAsync(Whole, next, Octets, key),
            await _session.PostAsync("/checkpoints", json, key),
        ];
        var whole = await _session.PostAsync(Whole, next, Octets, other);
        HttpAnswer[] afterwards = [await _session.PostAsync(bytes, [1], MediaType, other), await _session.PostAsync("/checkpoints", json, other)];

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created), (first.Status, whole.Status));
        Assert.All(again, answer => Assert.Equal((HttpStatusCode.OK, first.Text), (answer.Status, answer.Text)));
        Assert.All(afterwards, answer => Assert.Equal((HttpStatusCode.OK, whole.Text), (answer.Status, answer.Text)));
        (await _session.PostAsync(Whole, _state, Octets, key)).MustRefuse(HttpStatusCode.Conflict, "request_conflict");
        Assert.Equal(3, (await _session.GetAsync("")).Json.GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task Create_BaseThatCannotBeUsed_Is409AndChangesNothing()
    {
        await SaveAsync(_state);
        var unknown = Guid.NewGuid().ToString();

        foreach (var (from, front) in new[] { ("7", 0), (unknown, 0), ("1", 5001) })
        {
            foreach (var answer in new[]
            {
                await _session.PostAsync($"/checkpoints?message=m&{Query(from, front, 0, [1])}", [1], MediaType),
                await _session.PostAsync("/checkpoints", Json($"\"{from}\"", front, 0, [1], [1])),
            })
            {
                answer.MustRefuse(HttpStatusCode.Conflict, "base_unknown");
                Assert.Equal(from, answer.Json.GetProperty("base").GetString());
            }
        }

        Assert.Equal(1, (await _session.GetAsync("")).Json.GetProperty("lastSequence").GetInt64());
    }

    [Fact]
    public async Task Create_OtherStateThanTheSha256IsOf_Is422AndChangesNothing()
    {
        await SaveAsync(_state);

        var answer = await _session.PostAsync($"/checkpoints?message=m&{Query(1, 5000, 0, _state)}", [1], MediaType);

        answer.MustRefuse(HttpStatusCode.UnprocessableEntity, "state_mismatch");
        Assert.Equal((Sha256(_state), Sha256([.. _state, 1])), (answer.Json.GetProperty("expected").GetString(), answer.Json.GetProperty("actual").GetString()));
        (await _session.PostAsync("/checkpoints", Json("1", 5000, 0, _state, [1]))).MustRefuse(HttpStatusCode.UnprocessableEntity, "state_mismatch");
        Assert.Equal(1, (await _session.GetAsync("")).Json.GetProperty("lastSequence").GetInt64());
    }

    [Theory]
    [InlineData("base=1&front=0&end=0&sha256=S", "message")]
    [InlineData("message=m&front=0&end=0&sha256=S", "base")]
    [InlineData("message=m&base=1&end=0&sha256=S", "front")]
    [InlineData("message=m&base=1&front=0&sha256=S", "end")]
    [InlineData("message=m&base=1&front=0&end=0", "sha256")]
    [InlineData("message=m&base=1&front=0&end=0&sha256=S&front=0", "front")]
    [InlineData("message=m&base=1&front=0&end=0&sha256=S&base=1", "base")]
    [InlineData("message=m&base=1&front=0&end=0&sha256=S&contentType=a/b&contentType=a/b", "contentType")]
    [InlineData("message=m&base=latest&front=0&end=0&sha256=S", "base")]
    [InlineData("message=m&base=current&front=0&end=0&sha256=S", "base")]
    [InlineData("message=m&base=0&front=0&end=0&sha256=S", "base")]
    [InlineData("message=m&base=&front=0&end=0&sha256=S", "base")]
    [InlineData("message=m&base=1&front=-1&end=0&sha256=S", "front")]
    [InlineData("message=m&base=1&front=0&end=2147483648&sha256=S", "end")]
    [InlineData("message=m&base=1&front=0.5&end=0&sha256=S", "front")]
    [InlineData("message=m&base=1&front=0&end=0&sha256=00", "sha256")]
    [InlineData("message=m&base=1&front=0&end=0&sha256=S0", "sha256")]
    [InlineData("message=m&base=1&front=0&end=0&sha256=S&betweenBase64=AA", "betweenBase64")]
    [InlineData("message=m&base=1&front=0&end=0&sha256=S&difference=1", "difference")]
    public async Task Create_BadQueryOfADifference_IsRefusedByName(string query, string field)
    {
        await SaveAsync(_state);
        var sum = query.Replace("=S", $"={Sha256([1])}", StringComparison.Ordinal);

        (await _session.PostAsync($"/checkpoints?{sum}", [1], MediaType)).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);
    }

    [Theory]
    [InlineData("base=1", "base")]
    [InlineData("front=0", "front")]
    [InlineData("end=0", "end")]
    [InlineData("sha256=00", "sha256")]
    [InlineData("contentType=a/b", "contentType")]
    public async Task Create_StateAsTheBodyWithPartsOfADifference_IsRefusedByName(string query, string field)
    {
        (await _session.PostAsync($"/checkpoints?message=m&{query}", [1], "a/b")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);
        (await _session.PostAsync($"/checkpoints?{query}", """{"message":"m","state":1}""")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);
    }

    [Theory]
    [InlineData("""{"message":"m","state":1,"difference":D}""", "state")]
    [InlineData("""{"message":"m","stateBase64":"AA==","difference":D}""", "state")]
    [InlineData("""{"message":"m","difference":null}""", "state")]
    [InlineData("""{"message":"m","difference":1}""", "difference")]
    [InlineData("""{"message":"m","difference":{}}""", "difference.base")]
    [InlineData("""{"message":"m","difference":{"base":"latest"}}""", "difference.base")]
    [InlineData("""{"message":"m","difference":{"base":null}}""", "difference.base")]
    [InlineData("""{"message":"m","difference":{"base":1,"front":-1}}""", "difference.front")]
    [InlineData("""{"message":"m","difference":{"base":1,"front":0,"end":"0"}}""", "difference.end")]
    [InlineData("""{"message":"m","difference":{"base":1,"front":0,"end":0,"sha256":"0"}}""", "difference.sha256")]
    [InlineData("""{"message":"m","difference":{"base":1,"front":0,"end":0,"end":0}}""", "difference.end")]
    [InlineData("""{"message":"m","difference":{"base":1,"between":""}}""", "difference.between")]
    public async Task Create_BadDifferenceInJson_IsRefusedByName(string body, string field)
    {
        await SaveAsync(_state);
        var difference = JsonDocument.Parse(Json("1", 0, 0, [1], [1])).RootElement.GetProperty("difference").GetRawText();

        (await _session.PostAsync("/checkpoints", body.Replace(":D}", $":{difference}}}", StringComparison.Ordinal)))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);
    }

    [Fact]
    public async Task CreateBatchOrSave_ByDifference_IsRefusedByName()
    {
        await SaveAsync(_state);

        (await _session.PostAsync("/checkpoints/batch", System.Text.Encoding.UTF8.GetBytes(Json("1", 0, 0, [1], [1])), "application/x-ndjson"))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "checkpoints[0].difference");
        (await _session.PostAsync("/checkpoints/1/restore", $$"""{"save":{{Json("1", 0, 0, [1], [1])}}}"""))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "save.difference");
    }

    [Fact]
    public async Task Create_WholeOrBetweenAboveTheLimit_IsRefusedWithTheLimit()
    {
        var largest = Bytes(2, SiloServer.StateLimit);
        await SaveAsync(largest);
        byte[] over = [.. largest, 1];

        foreach (var answer in new[]
        {
            await _session.PostAsync($"/checkpoints?message=m&{Query(1, largest.Length, 0, over)}", [1], MediaType),
            await _session.PostAsync("/checkpoints", Json("1", largest.Length, 0, over, [1])),
            await _session.PostAsync($"/checkpoints?message=m&{Query(1, 0, 0, over)}", over, MediaType),
        })
        {
            answer.MustRefuse(HttpStatusCode.RequestEntityTooLarge, "limit_exceeded", "state");
            Assert.Equal((SiloServer.StateLimit, SiloServer.StateLimit + 1), (answer.Json.GetProperty("limit").GetInt64(), answer.Json.GetProperty("actual").GetInt64()));
        }

        Assert.Equal(HttpStatusCode.Created, (await _session.PostAsync($"/checkpoints?message=m&{Query(1, largest.Length, 0, largest)}", [], MediaType)).Status);
    }

    [Fact]
    public async Task Create_BytesBetweenCompressed_AreDecoded()
    {
        await SaveAsync(_state);
        byte[] next = [.. _state, .. Bytes(3, 300)];
        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(next.AsSpan(5000));
        }

        var made = await _session.PostAsync(
            $"/checkpoints?message=m&{Query(1, 5000, 0, next)}", compressed.ToArray(), MediaType, ("Content-Encoding", "gzip"));

        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal(next, (await _session.GetAsync("/checkpoints/2/state")).Body);
    }

    [Fact]
    public async Task Create_UnderAClaim_NeedsItsEpoch()
    {
        await SaveAsync(_state);
        var epoch = (await _session.PostAsync("/claim", """{"owner":"w"}""")).Json.GetProperty("epoch").GetInt64();
        var path = $"/checkpoints?message=m&{Query(1, 5000, 0, _state)}";

        (await _session.PostAsync(path, [], MediaType)).MustRefuse(HttpStatusCode.Conflict, "claimed");
        Assert.Equal(HttpStatusCode.Created, (await _session.PostAsync(path, [], MediaType, ("Forge-Epoch", $"{epoch}"))).Status);
    }

    [Fact]
    public async Task OpenApi_DescribesDifferences()
    {
        using var response = await server.Client.GetAsync("/openapi/v1.json", TestContext.Current.CancellationToken);
        var paths = (await HttpAnswer.ReadAsync(response)).Json.GetProperty("paths");
        const string Checkpoints = "/v1/sessions/{session}/checkpoints";
        var create = paths.GetProperty(Checkpoints).GetProperty("post");
        var content = create.GetProperty("requestBody").GetProperty("content");

        Assert.Equal("binary", content.GetProperty(MediaType).GetProperty("schema").GetProperty("format").GetString());
        var difference = content.GetProperty("application/json").GetProperty("schema").GetProperty("properties").GetProperty("difference");
        Assert.Equal(
            ["base", "betweenBase64", "end", "front", "sha256"],
            difference.GetProperty("required").EnumerateArray().Select(name => name.GetString()).Order(StringComparer.Ordinal));
        Assert.All(["base", "front", "end", "sha256", "contentType"], name => Assert.Single(Query(create), parameter => parameter == name));
        Assert.False(paths.GetProperty($"{Checkpoints}/batch").GetProperty("post").GetProperty("requestBody").GetProperty("content")
            .GetProperty("application/x-ndjson").GetProperty("schema").GetProperty("properties").TryGetProperty("difference", out _));
        var state = paths.GetProperty($"{Checkpoints}/{{checkpoint}}/state").GetProperty("get");
        Assert.True(state.GetProperty("responses").GetProperty("200").GetProperty("content").TryGetProperty(MediaType, out _));
        Assert.Contains("have", Query(state));
        Assert.Contains("have", Query(paths.GetProperty($"{Checkpoints}/{{checkpoint}}").GetProperty("get")));

        static IEnumerable<string> Query(JsonElement operation) => operation.GetProperty("parameters").EnumerateArray()
            .Where(parameter => parameter.GetProperty("in").GetString() == "query").Select(parameter => parameter.GetProperty("name").GetString()!);
    }

    /// <summary>The examples of the page on HTTP, as they stand there, one after another.</summary>
    [Fact]
    public async Task Differences_ExamplesOfTheDocs_AreAnsweredAsTheySay()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "docs", "http.md"), TestContext.Current.CancellationToken);
        var section = page[page.IndexOf("\n## Differences over the wire\n", StringComparison.Ordinal)..];
        var examples = Example().Matches(section[..section.IndexOf("\n## ", 3, StringComparison.Ordinal)]);
        Assert.Equal(6, examples.Count);
        foreach (Match example in examples)
        {
            var (path, body) = (example.Groups["path"].Value, example.Groups["body"]);
            var answer = body.Success
                ? await _session.PostAsync(path, System.Text.Encoding.UTF8.GetBytes(body.Value), example.Groups["type"].Value)
                : await _session.GetAsync(path);
            Assert.True(example.Groups["status"].Value == $"{(int)answer.Status}", $"{path}: {answer.Status} {answer.Text}");
            Assert.Contains(example.Groups["told"].Value, $"{answer.ContentType}\n{answer.Text}", StringComparison.Ordinal);
        }
    }

    [GeneratedRegex(@"^curl -i ""?\$url(?<path>/[^\s""]+)""?( -H 'Content-Type: (?<type>[^']+)')?( -d '(?<body>[^']*)')?\s+# (?<status>\d{3}): (?<told>.+)$", RegexOptions.Multiline)]
    private static partial Regex Example();

    private async Task<JsonElement> SaveAsync(byte[] state, string contentType = "application/octet-stream")
    {
        var answer = await _session.PostAsync("/checkpoints?message=m", state, contentType);
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return answer.Json;
    }

    private static string Query(object from, int front, int end, byte[] whole) => $"base={from}&front={front}&end={end}&sha256={Sha256(whole)}";

    private static string Json(string from, int front, int end, byte[] whole, byte[] between, string more = "") =>
        $$$"""{"message":"two","difference":{"base":{{{from}}},"front":{{{front}}},"end":{{{end}}},"sha256":"{{{Sha256(whole)}}}","betweenBase64":"{{{Convert.ToBase64String(between)}}}"}{{{more}}}}""";

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
