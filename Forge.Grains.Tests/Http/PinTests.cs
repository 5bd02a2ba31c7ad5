using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Forge.Grains.Tests.Http;

/// <summary>Checkpoints that require others, over HTTP.</summary>
[Collection(HttpTests.Name)]
public sealed partial class PinTests(SiloServer server)
{
    private readonly SessionHttp _session = SessionHttp.New(server);

    [Fact]
    public async Task Create_Requires_TakesNumbersAndIdsAndTellsSequences()
    {
        var first = await _session.CreateAsync("one");
        Assert.False(first.TryGetProperty("requires", out _));
        await _session.CreateAsync("two");

        var made = await _session.CreateAsync("three", $",\"requires\":[2,\"{first.GetProperty("id").GetString()}\",2]");

        Assert.Equal("[1,2]", made.GetProperty("requires").GetRawText());
        Assert.Equal("[1,2]", (await _session.GetAsync("/checkpoints/3")).Json.GetProperty("requires").GetRawText());
        Assert.Equal("[1,2]", (await _session.GetAsync("/checkpoints")).Json.GetProperty("items")[0].GetProperty("requires").GetRawText());
        Assert.False((await _session.CreateAsync("four", ",\"requires\":[]")).TryGetProperty("requires", out _));
        Assert.False((await _session.CreateAsync("five", ",\"requires\":null")).TryGetProperty("requires", out _));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("\"1\"")]
    [InlineData("[null]")]
    [InlineData("[1.5]")]
    [InlineData("[0]")]
    [InlineData("[-1]")]
    [InlineData("[true]")]
    [InlineData("[[1]]")]
    [InlineData("[\"latest\"]")]
    [InlineData("[\"current\"]")]
    [InlineData("[\"none\"]")]
    [InlineData("[\"00000000-0000-0000-0000-000000000000\"]")]
    [InlineData("{}")]
    public async Task Create_RequiresWhatIsNoCheckpoint_IsRefused(string requires)
    {
        await _session.CreateAsync("one");

        (await _session.PostAsync("/checkpoints", $$"""{"message":"m","state":1,"requires":{{requires}}}"""))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "requires");
        (await BatchAsync("""{"message":"m","state":1}""", $$"""{"message":"m","state":1,"requires":{{requires}}}"""))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "checkpoints[1].requires");
        Assert.Equal(1, (await _session.GetAsync("")).Json.GetProperty("lastSequence").GetInt64());
    }

    [Fact]
    public async Task Create_RequiresWhatIsNotThere_IsNotFound()
    {
        await _session.CreateAsync("one");

        (await _session.PostAsync("/checkpoints", """{"message":"m","state":1,"requires":[7]}"""))
            .MustRefuse(HttpStatusCode.NotFound, "checkpoint_not_found", "requires");
        (await _session.PostAsync("/checkpoints", $$"""{"message":"m","state":1,"requires":[{{string.Join(',', Enumerable.Range(1, 65))}}]}"""))
            .MustRefuse(HttpStatusCode.RequestEntityTooLarge, "limit_exceeded", "requires");
    }

    [Fact]
    public async Task CreateBatch_RequiresALineBefore_ByItsId()
    {
        var id = Guid.NewGuid();

        var answer = await BatchAsync(
            $$"""{"message":"a","state":1,"id":"{{id}}"}""", $$"""{"message":"b","state":1,"requires":["{{id}}"]}""");

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.Equal("[1]", answer.Json.GetProperty("items")[1].GetProperty("checkpoint").GetProperty("requires").GetRawText());
    }

    [Fact]
    public async Task Create_StateAsTheBody_HasWhatItRequiresInTheQuery()
    {
        var first = await _session.CreateAsync("one");
        await _session.CreateAsync("two");

        var made = await _session.PostAsync(
            $"/checkpoints?message=m&requires=2&requires={first.GetProperty("id").GetString()}", [1, 2, 3], "a/b");

        Assert.Equal("[1,2]", made.Json.GetProperty("requires").GetRawText());
        (await _session.PostAsync("/checkpoints?message=m&requires=latest", [1], "a/b"))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "requires");
    }

    [Fact]
    public async Task Delete_OfWhatIsRequired_Is409AndSaysWho()
    {
        await _session.CreateAsync("one");
        await _session.CreateAsync("two", ",\"requires\":[1]");

        var refused = await _session.DeleteAsync("/checkpoints/1");

        refused.MustRefuse(HttpStatusCode.Conflict, "required");
        Assert.Equal((1, "[2]", 1), (
            refused.Json.GetProperty("sequence").GetInt64(), refused.Json.GetProperty("requiredBy").GetRawText(), refused.Json.GetProperty("count").GetInt64()));
        Assert.Equal(HttpStatusCode.NoContent, (await _session.DeleteAsync("/checkpoints/2")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await _session.DeleteAsync("/checkpoints/1")).Status);
    }

    /// <summary>The examples of the page on HTTP, as they stand there, one after another.</summary>
    [Fact]
    public async Task Pins_ExamplesOfTheDocs_AreAnsweredAsTheySay()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "docs", "http.md"), TestContext.Current.CancellationToken);
        var section = page[page.IndexOf("\n## Pins\n", StringComparison.Ordinal)..];
        var examples = Example().Matches(section[..section.IndexOf("\n## ", 3, StringComparison.Ordinal)]);
        Assert.Equal(4, examples.Count);
        await _session.CreateAsync("one");
        foreach (Match example in examples)
        {
            var (path, body) = (example.Groups["path"].Value, example.Groups["body"]);
            var answer = example.Groups["method"].Value == "DELETE" ? await _session.DeleteAsync(path) : await _session.PostAsync(path, body.Value);
            Assert.Equal(int.Parse(example.Groups["status"].Value, System.Globalization.CultureInfo.InvariantCulture), (int)answer.Status);
            if (example.Groups["json"].Value is { Length: > 0 } json)
            {
                Assert.Contains(json, answer.Text, StringComparison.Ordinal);
            }
        }
    }

    [GeneratedRegex(@"^curl -i (-X (?<method>DELETE) )?\$url(?<path>/\S+)( -H '[^']+')?( -d '(?<body>[^']+)')?\s+# (?<status>\d{3})(: (?<json>.+))?$", RegexOptions.Multiline)]
    private static partial Regex Example();

    private Task<HttpAnswer> BatchAsync(params string[] lines) =>
        _session.PostAsync("/checkpoints/batch", Encoding.UTF8.GetBytes(string.Join('\n', lines)), "application/x-ndjson");
}
