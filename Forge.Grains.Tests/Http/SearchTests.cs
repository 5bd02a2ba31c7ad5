using System.Net;
using System.Text.RegularExpressions;

namespace Forge.Grains.Tests.Http;

[Collection(HttpTests.Name)]
public sealed partial class SearchTests(SiloServer server)
{
    private readonly string _run = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task Sessions_ByLabels_AllOfThemHold()
    {
        await SettingsAsync("a", $$$"""{"labels":{"team":"{{{_run}}}","a:b":"c:d"}}""");
        await SettingsAsync("b", $$$"""{"labels":{"team":"{{{_run}}}"}}""");

        Assert.Equal(["a", "b"], await NamesAsync($"label=team:{_run}"));
        Assert.Equal(["b"], await NamesAsync($"label=team:{_run}&prefix={Id("b")}"));
        Assert.Equal(["a"], await NamesAsync($"label=team:{_run}&label={Uri.EscapeDataString(@"a\:b:c:d")}"));
        Assert.Empty(await NamesAsync($"label=team:{_run}&label=a:c"));
        Assert.Empty(await NamesAsync($"label=Team:{_run}"));
    }

    [Fact]
    public async Task Sessions_ByActivity_SayWhenTheyWereActive()
    {
        await SettingsAsync("a", "{}");
        var info = await GetAsync($"/v1/sessions/{Id("a")}");
        var at = info.Json.GetProperty("activeAt").GetString()!;
        Assert.Equal(info.Json.GetProperty("createdAt").GetString(), at);

        Assert.Equal(["a"], await NamesAsync($"prefix={_run}&order=activity"));
        Assert.Equal(["a"], await NamesAsync($"prefix={_run}&order=activity&activeAfter={at}&activeBefore={at}"));
        Assert.Empty(await NamesAsync($"prefix={_run}&activeBefore=2001-01-01T00:00:00Z"));
        Assert.Empty(await NamesAsync($"prefix={_run}&order=activity&activeAfter=2999-01-01T00:00:00Z"));
    }

    [Theory]
    [InlineData("label=team", "label")]
    [InlineData("label=:red", "label")]
    [InlineData("label=team:", "label")]
    [InlineData("label=team:red&label=team:blue", "label")]
    [InlineData("label=te%00am:red", "label")]
    [InlineData("labels=team:red", "labels")]
    [InlineData("order=newest", "order")]
    [InlineData("activeAfter=now", "activeAfter")]
    [InlineData("limit=0", "limit")]
    [InlineData("cursor=x", "cursor")]
    public async Task Sessions_BadQuery_IsRefusedByName(string query, string field) =>
        (await GetAsync($"/v1/sessions?{query}")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);

    [Fact]
    public async Task Sessions_CursorWithOtherConditions_IsRefused()
    {
        await SettingsAsync("a", "{}");
        await SettingsAsync("b", "{}");
        var next = (await GetAsync($"/v1/sessions?prefix={_run}&limit=1")).Json.GetProperty("next").GetString();

        Assert.Equal(["b"], await NamesAsync($"prefix={_run}&cursor={next}"));
        (await GetAsync($"/v1/sessions?prefix={_run}&order=activity&cursor={next}"))
            .MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "cursor");
    }

    [Fact]
    public async Task Checkpoints_ByTagAndTrigger_AreFoundWithTheirSessions()
    {
        await CreateAsync("a", $$"""{"message":"1","state":1,"tags":["{{_run}}"]}""");
        await CreateAsync("b", $$"""{"message":"2","state":1,"tags":["{{_run}}"],"trigger":"error"}""");

        var found = (await GetAsync($"/v1/checkpoints?tag={_run}")).Json.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal([Id("b"), Id("a")], found.Select(f => f.GetProperty("session").GetString()));
        Assert.Equal(["2", "1"], found.Select(f => f.GetProperty("checkpoint").GetProperty("message").GetString()));
        Assert.False(found[0].GetProperty("checkpoint").TryGetProperty("state", out _));

        var error = (await GetAsync($"/v1/checkpoints?trigger=error&session={_run}&order=oldest")).Json.GetProperty("items");
        Assert.Equal("2", Assert.Single(error.EnumerateArray()).GetProperty("checkpoint").GetProperty("message").GetString());

        var next = (await GetAsync($"/v1/checkpoints?tag={_run}&limit=1")).Json.GetProperty("next").GetString();
        Assert.Single((await GetAsync($"/v1/checkpoints?tag={_run}&limit=1&cursor={next}")).Json.GetProperty("items").EnumerateArray());
        (await GetAsync("/v1/checkpoints?from=2026-01-01T00:00:00Z")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "tag");
        (await GetAsync($"/v1/checkpoints?tag=other&cursor={next}")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "cursor");
    }

    [Fact]
    public async Task List_WithStates_HasThemAsEachByItself()
    {
        await CreateAsync("a", """{"message":"1","state":{"n": 1}}""");
        await CreateAsync("a", """{"message":"2","stateBase64":"AAEC"}""");

        var items = (await GetAsync($"/v1/sessions/{Id("a")}/checkpoints?include=state")).Json.GetProperty("items").EnumerateArray().ToList();

        Assert.Equal("AAEC", items[0].GetProperty("stateBase64").GetString());
        Assert.Equal("""{"n": 1}""", items[1].GetProperty("state").GetRawText());
        Assert.All(items, i => Assert.False(i.TryGetProperty("damage", out _)));
        (await GetAsync($"/v1/sessions/{Id("a")}/checkpoints?include=all")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "include");
    }

    /// <summary>The examples of the page on HTTP, as they stand there.</summary>
    [Fact]
    public async Task Find_ExamplesOfTheDocs_AreAnswered()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "docs", "http.md"), TestContext.Current.CancellationToken);
        var examples = Example().Matches(page).Select(m => m.Groups["path"].Value).ToList();

        Assert.True(examples.Count >= 6, $"there are {examples.Count}");
        foreach (var example in examples)
        {
            var answer = await GetAsync(example);
            Assert.True(answer.Status == HttpStatusCode.OK, $"{example}: {answer.Text}");
            Assert.True(answer.Json.TryGetProperty("items", out _));
        }
    }

    [GeneratedRegex("curl \"http://127.0.0.1:5080(?<path>/v1/(sessions|checkpoints)\\?[^\"]+)\"")]
    private static partial Regex Example();

    private string Id(string session) => $"{_run}-{session}";

    private async Task SettingsAsync(string session, string settings) =>
        Assert.Equal(HttpStatusCode.OK, (await new SessionHttp(server.Client, Id(session)).PutAsync("", settings)).Status);

    private async Task CreateAsync(string session, string body) =>
        Assert.Equal(HttpStatusCode.Created, (await new SessionHttp(server.Client, Id(session)).PostAsync("/checkpoints", body)).Status);

    private async Task<List<string>> NamesAsync(string query)
    {
        var answer = await GetAsync($"/v1/sessions?{query}");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return [.. answer.Json.GetProperty("items").EnumerateArray()
            .Select(item => item.GetProperty("session").GetString()![(_run.Length + 1)..])];
    }

    private async Task<HttpAnswer> GetAsync(string path)
    {
        using var response = await server.Client.GetAsync(path, TestContext.Current.CancellationToken);
        return await HttpAnswer.ReadAsync(response);
    }
}
