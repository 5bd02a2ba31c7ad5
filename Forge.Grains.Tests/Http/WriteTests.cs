using System.Net;
using System.Text.RegularExpressions;

namespace Forge.Grains.Tests.Http;

/// <summary>Pending writes over HTTP.</summary>
[Collection(HttpTests.Name)]
public sealed partial class WriteTests(SiloServer server)
{
    private readonly SessionHttp _session = SessionHttp.New(server);

    [Fact]
    public async Task Write_JsonAndBytes_ComeBackAsTheyWereSent()
    {
        var made = await _session.CreateAsync("one");

        var answer = await _session.PostAsync("/checkpoints/latest/writes", """
            {"writes":[{"task":"t","name":"n","value": {"a" : [1, 1.0]}},{"task":"t","index":-4,"name":"n","valueBase64":"AP8="},
            {"task":"a","name":"n","valueBase64":"AA==","contentType":"image/png","mode":"first"}]}
            """);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(made.GetProperty("id").GetString(), answer.Json.GetProperty("checkpoint").GetProperty("id").GetString());
        Assert.Equal(
            """[{"task":"t","index":0,"outcome":"written"},{"task":"t","index":-4,"outcome":"written"},{"task":"a","index":0,"outcome":"written"}]""",
            answer.Json.GetProperty("items").GetRawText());
        Assert.Equal(2, answer.Json.GetProperty("position").GetInt64());
        var page = (await _session.GetAsync("/checkpoints/1/writes")).Json;
        Assert.Equal(
            ["a 0 image/png AA==", "t -4 application/octet-stream AP8=", "t 0 application/json {\"a\" : [1, 1.0]}"],
            page.GetProperty("items").EnumerateArray().Select(w => string.Join(
                ' ', w.GetProperty("task").GetString(), w.GetProperty("index").GetInt32(), w.GetProperty("contentType").GetString(),
                w.TryGetProperty("value", out var value) ? value.GetRawText() : w.GetProperty("valueBase64").GetString())));
        Assert.Equal("""{"count":3,"bytes":19}""", (await _session.GetAsync("")).Json.GetProperty("pendingWrites").GetRawText());
        var events = (await _session.GetAsync("/events?after=1")).Json.GetProperty("items")[0];
        Assert.Equal("written", events.GetProperty("kind").GetString());
        Assert.Equal("""{"task":"t","index":0,"name":"n","size":16}""", events.GetProperty("writes")[0].GetRawText());
        Assert.DoesNotContain("1.0", events.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{}""", "writes")]
    [InlineData("""{"writes":[]}""", "writes")]
    [InlineData("""{"writes":null}""", "writes")]
    [InlineData("""{"writes":[{"name":"n","value":1}]}""", "writes[0].task")]
    [InlineData("""{"writes":[{"task":"t","name":"n","value":1},{"task":"u","value":1}]}""", "writes[1].name")]
    [InlineData("""{"writes":[{"task":"t","name":"n"}]}""", "writes[0].value")]
    [InlineData("""{"writes":[{"task":"t","name":"n","value":1,"valueBase64":"AA=="}]}""", "writes[0].value")]
    [InlineData("""{"writes":[{"task":"t","name":"n","value":1,"index":70000}]}""", "writes[0].index")]
    [InlineData("""{"writes":[{"task":"t","name":"n","value":1,"mode":"last"}]}""", "writes[0].mode")]
    [InlineData("""{"writes":[{"task":"t","name":"n","value":1,"more":1}]}""", "writes[0].more")]
    [InlineData("""{"writes":[{"task":"t","name":"n","value":1},{"task":"t","name":"m","value":1}]}""", "writes[1]")]
    public async Task Write_OfWhatIsNone_IsRefusedByName(string body, string field)
    {
        await _session.CreateAsync("one");

        (await _session.PostAsync("/checkpoints/1/writes", body)).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);

        Assert.Equal("[]", (await _session.GetAsync("/checkpoints/1/writes")).Json.GetProperty("items").GetRawText());
    }

    [Fact]
    public async Task Write_OverALimit_NamesItAndTheField()
    {
        await _session.CreateAsync("one");

        var answer = await _session.PostAsync(
            "/checkpoints/1/writes", $$"""{"writes":[{"task":"t","name":"n","value":"{{new string('a', 1024 * 1024)}}"}]}""");

        answer.MustRefuse(HttpStatusCode.RequestEntityTooLarge, "limit_exceeded", "writes[0].value");
        Assert.Equal(1024 * 1024, answer.Json.GetProperty("limit").GetInt64());
        (await _session.PostAsync("/checkpoints/9/writes", """{"writes":[{"task":"t","name":"n","value":1}]}"""))
            .MustRefuse(HttpStatusCode.NotFound, "checkpoint_not_found");
    }

    [Fact]
    public async Task Write_WithAKeySentAgain_IsAnsweredAsTheFirst()
    {
        await _session.CreateAsync("one");
        const string Body = """{"writes":[{"task":"t","name":"n","value":1}]}""";

        var first = await _session.PostAsync("/checkpoints/1/writes", Body, ("Idempotency-Key", "k"));
        await _session.PostAsync("/checkpoints/1/writes", Body);

        Assert.Equal(first.Text, (await _session.PostAsync("/checkpoints/1/writes", Body, ("Idempotency-Key", "k"))).Text);
        Assert.Contains("\"written\"", first.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_WithWrites_TellsTheirOutcomes()
    {
        await _session.CreateAsync("one");
        const string Writes = ",\"writes\":[{\"task\":\"t\",\"name\":\"n\",\"value\":1}]";

        var made = await _session.CreateAsync("two", Writes);
        var again = await _session.CreateAsync("three", $"{Writes},\"writesUnder\":1");

        Assert.Equal("[\"written\"]", made.GetProperty("writes").GetRawText());
        Assert.Equal("[\"kept\"]", again.GetProperty("writes").GetRawText());
        Assert.False((await _session.CreateAsync("four")).TryGetProperty("writes", out _));
        (await _session.PostAsync("/checkpoints", $$"""{"message":"m","state":1,"parent":"none"{{Writes}}}"""))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "writes");
        (await _session.PostAsync("/checkpoints", """{"message":"m","state":1,"writesUnder":1}"""))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "writesUnder");
        (await _session.PostAsync("/checkpoints", $$"""{"message":"m","state":1,"writesUnder":"latest"{{Writes}}}"""))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "writesUnder");
        Assert.Equal(4, (await _session.GetAsync("")).Json.GetProperty("lastSequence").GetInt64());
    }

    /// <summary>The examples of the page on pending writes, as they stand there, one after another.</summary>
    [Fact]
    public async Task Writes_ExamplesOfTheDocs_AreAnsweredAsTheySay()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "docs", "writes.md"), TestContext.Current.CancellationToken);
        var examples = Example().Matches(page);
        Assert.Equal(9, examples.Count);
        await _session.CreateAsync("one");
        foreach (Match example in examples)
        {
            var (path, body) = (example.Groups["path"].Value, example.Groups["body"]);
            var answer = example.Groups["method"].Value == "DELETE" ? await _session.DeleteAsync(path)
                : body.Success ? await _session.PostAsync(path, body.Value)
                : await _session.GetAsync(path);
            Assert.Equal(int.Parse(example.Groups["status"].Value, System.Globalization.CultureInfo.InvariantCulture), (int)answer.Status);
            Assert.Contains(example.Groups["json"].Value, answer.Text, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex("""^curl -i (-X (?<method>DELETE) )?"?\$url(?<path>[^\s"]+)"?( -H '[^']+')?( -d '(?<body>[^']+)')?\s+# (?<status>\d{3})(: (?<json>.+))?$""", RegexOptions.Multiline)]
    private static partial Regex Example();
}
