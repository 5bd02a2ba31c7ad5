using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Forge.Grains.Tests.Rpc;
using Forge.Grains.Tests.Streams;

namespace Forge.Grains.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class FeedTests(SiloServer server)
{
    private const string EventStream = "text/event-stream";

    private readonly string _prefix = $"feed-{Guid.NewGuid():N}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_Feed_IsAPageOfTheEventsOfAllSessions()
    {
        var begun = await NowAsync($"prefix={_prefix}");
        await CreateAsync("a", "one");
        await CreateAsync("b", "two");
        await CreateAsync("a", "three");

        var page = (await GetAsync($"prefix={_prefix}&limit=2&after={begun}")).Json;
        Assert.True(page.GetProperty("more").GetBoolean());
        var items = page.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal([$"{_prefix}-a", $"{_prefix}-b"], items.Select(i => i.GetProperty("session").GetString()));
        Assert.Equal(
            (1, "created", "one"),
            (items[0].GetProperty("event").GetProperty("position").GetInt64(), items[0].GetProperty("event").GetProperty("kind").GetString(),
                items[0].GetProperty("event").GetProperty("message").GetString()));
        var rest = (await GetAsync($"prefix={_prefix}&after={page.GetProperty("next").GetString()}")).Json;
        Assert.Equal("three", Assert.Single(rest.GetProperty("items").EnumerateArray()).GetProperty("event").GetProperty("message").GetString());
        Assert.False(rest.GetProperty("more").GetBoolean());
        var again = (await GetAsync($"prefix={_prefix}&after={items[0].GetProperty("cursor").GetString()}")).Json;
        Assert.Equal(2, again.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Get_FeedByLabelAndKind_TellsWhatMeetsThem()
    {
        string[] queries = [$"label=team:{_prefix}", $"label=team:{_prefix}&kind=tagged&kind=deleted", $"prefix={_prefix}&kind=tagged&kind=created"];
        var begun = await Task.WhenAll(queries.Select(NowAsync));
        await CreateAsync("a", "one");
        await CreateAsync("b", "two");
        await new SessionHttp(server.Client, $"{_prefix}-b").PutAsync("", $$$"""{"labels":{"team":"{{{_prefix}}}"}}""");
        await new SessionHttp(server.Client, $"{_prefix}-b").PutAsync("/checkpoints/1/tags", """{"tags":["t"]}""");

        string[][] kinds = [["created", "tagged"], ["tagged"], ["created", "created", "tagged"]];
        foreach (var ((query, after), expected) in queries.Zip(begun).Zip(kinds))
        {
            Assert.Equal(expected, Kinds(await GetAsync($"{query}&after={after}")));
        }
    }

    [Fact]
    public async Task Get_FeedWithAWait_AnswersWithWhatComes()
    {
        await CreateAsync("a", "one");
        var begun = (await GetAsync($"prefix={_prefix}&after=latest")).Json;
        Assert.Equal(0, begun.GetProperty("items").GetArrayLength());
        var next = GetAsync($"prefix={_prefix}&after={begun.GetProperty("next").GetString()}&wait=20");
        await CreateAsync("a", "two");

        Assert.Equal(
            "two", Assert.Single((await next).Json.GetProperty("items").EnumerateArray()).GetProperty("event").GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("after=x", "after")]
    [InlineData("kind=made", "kind")]
    [InlineData("label=team", "label")]
    [InlineData("limit=0", "limit")]
    [InlineData("wait=21", "wait")]
    [InlineData("wait=-1", "wait")]
    [InlineData("wait=soon", "wait")]
    [InlineData("prefix=a%20b", "prefix")]
    [InlineData("cursor=x", "cursor")]
    public async Task Get_FeedWithBadParts_IsRefusedByName(string query, string field)
    {
        (await GetAsync(query)).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);
        (await GetAsync(query, ("Accept", EventStream))).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", field);
    }

    [Fact]
    public async Task Stream_LastEventId_ResumesBehindItWhateverTheQuerySays()
    {
        var begun = await NowAsync($"prefix={_prefix}");
        await CreateAsync("a", "one");
        await CreateAsync("b", "two");
        List<SseItem<string>> items;
        using (var first = await OpenAsync($"prefix={_prefix}&after={begun}"))
        {
            Assert.Equal(EventStream, first.Content.Headers.ContentType!.MediaType);
            items = await SentEvents.TakeAsync(first, 2);
            Assert.Equal(["created", "created"], items.Select(i => i.EventType));
            Assert.Equal($"{_prefix}-b", JsonDocument.Parse(items[1].Data).RootElement.GetProperty("session").GetString());
        }

        using var again = await OpenAsync($"prefix={_prefix}&after=latest", ("Last-Event-ID", items[0].EventId!));
        var live = SentEvents.TakeAsync(again, 2);
        await CreateAsync("c", "three");
        Assert.Equal(
            [items[1].Data[..20], "three"],
            (await live).Select((item, i) => i == 0 ? item.Data[..20]
                : JsonDocument.Parse(item.Data).RootElement.GetProperty("event").GetProperty("message").GetString()!));
    }

    [Fact]
    public async Task Stream_FromNowOn_TellsAtOnceWhereThatIs()
    {
        await CreateAsync("a", "before");
        List<string?> lines = [];
        using (var lost = await OpenAsync($"prefix={_prefix}&after=latest"))
        {
            using var reader = new StreamReader(await lost.Content.ReadAsStreamAsync(Cancel));
            while (lines.Count < 4)
            {
                lines.Add(await reader.ReadLineAsync(Cancel));
            }
        }

        Assert.Equal(["retry: 1000", ""], lines[..2]);
        Assert.StartsWith("id: ", lines[2], StringComparison.Ordinal);
        Assert.Equal("", lines[3]);
        await CreateAsync("a", "meanwhile");
        using var again = await OpenAsync($"prefix={_prefix}&after=latest", ("Last-Event-ID", lines[2]![4..]));
        Assert.Equal(
            "meanwhile",
            JsonDocument.Parse(Assert.Single(await SentEvents.TakeAsync(again, 1)).Data).RootElement.GetProperty("event").GetProperty("message").GetString());
    }

    [Fact]
    public async Task Stream_OfWhatDoesNotMeetTheConditions_TellsHowFarItIsAndThatItIsThere()
    {
        await CreateAsync("a", "one");
        using var response = await OpenAsync($"prefix={_prefix}-none");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));
        Assert.Equal("retry: 1000", await reader.ReadLineAsync(Cancel));
        var (id, beats) = ("", 0);
        while (id.Length == 0 || beats < 2)
        {
            var line = (await reader.ReadLineAsync(Cancel))!;
            id = line.StartsWith("id: ", StringComparison.Ordinal) ? line[4..] : id;
            beats += line.StartsWith(':') ? 1 : 0;
        }

        Assert.Equal(0, (await GetAsync($"prefix={_prefix}-none&after={id}")).Json.GetProperty("items").GetArrayLength());
        await CreateAsync("none", "two");
        string line2;
        do
        {
            line2 = (await reader.ReadLineAsync(Cancel))!;
        }
        while (!line2.StartsWith("event:", StringComparison.Ordinal));
        Assert.Equal("event: created", line2);
    }

    [Fact]
    public async Task Stream_WithWhatIsOfAPage_IsRefused()
    {
        (await GetAsync("limit=1", ("Accept", EventStream))).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "limit");
        (await GetAsync("wait=1", ("Accept", EventStream))).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "wait");
        (await GetAsync("", ("Last-Event-ID", "x"))).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "after");
    }

    [Fact]
    public async Task Rpc_ReadFeed_AnswersAsHttp()
    {
        var begun = await NowAsync($"prefix={_prefix}&kind=created");
        await CreateAsync("a", "one");
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);

        var page = await client.ResultAsync("readFeed", $$"""{"prefix":"{{_prefix}}","kind":["created"],"limit":5,"after":"{{begun}}"}""");

        Assert.Equal((await GetAsync($"prefix={_prefix}&kind=created&limit=5&after={begun}")).Json.GetRawText(), page.GetRawText());
        Assert.Equal(1, page.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Rpc_SubscribeToTheFeed_TellsEventsAndHowFarItIs()
    {
        var begun = await NowAsync($"prefix={_prefix}-b&kind=created");
        await CreateAsync("a", "one");
        await CreateAsync("b", "two");
        await using var client = await RpcClient.ConnectAsync(server.Client.BaseAddress!);
        var feed = (await client.ResultAsync("subscribe", $$$"""{"feed":{"prefix":"{{{_prefix}}}-b","kinds":["created"],"after":"{{{begun}}}"}}"""))
            .GetProperty("subscription").GetInt64();
        var first = (await client.NextAsync()).Json;
        Assert.Equal(("event", feed), (first.GetProperty("method").GetString(), first.GetProperty("params").GetProperty("subscription").GetInt64()));
        var told = first.GetProperty("params").GetProperty("event");
        Assert.Equal(($"{_prefix}-b", "two"), (told.GetProperty("session").GetString(), told.GetProperty("event").GetProperty("message").GetString()));

        // What is not wanted moves the cursor.
        JsonElement next;
        do
        {
            await CreateAsync("a", "more");
            next = (await client.NextAsync()).Json;
        }
        while (next.GetProperty("method").GetString() != "cursor");
        await client.ResultAsync("unsubscribe", $$"""{"subscription":{{feed}}}""");
        await CreateAsync("b", "three");
        var cursor = next.GetProperty("params").GetProperty("cursor").GetString();
        Assert.Equal(["created"], Kinds(await GetAsync($"prefix={_prefix}-b&kind=created&after={cursor}")));
        (await client.CallAsync("subscribe", "{}")).MustRefuse(-32602, "invalid_request", "session");
        (await client.CallAsync("subscribe", """{"session":"s","feed":{}}""")).MustRefuse(-32602, "invalid_request", "session");
        (await client.CallAsync("subscribe", """{"feed":{"kinds":["made"]}}""")).MustRefuse(-32602, "invalid_request", "kind");
        (await client.CallAsync("subscribe", """{"feed":{"kind":["made"]}}""")).MustRefuse(-32602, "invalid_request", "feed.kind");
    }

    private static IEnumerable<string?> Kinds(HttpAnswer answer) =>
        answer.Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("event").GetProperty("kind").GetString());

    /// <summary>Where the feed of these conditions is: a page from its beginning passes over what the other tests on this silo made, and may be empty.</summary>
    private async Task<string> NowAsync(string conditions) => (await GetAsync($"{conditions}&after=latest")).Json.GetProperty("next").GetString()!;

    private Task<JsonElement> CreateAsync(string session, string message) => new SessionHttp(server.Client, $"{_prefix}-{session}").CreateAsync(message);

    private async Task<HttpAnswer> GetAsync(string query, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/feed?{query}");
        Array.ForEach(headers, header => request.Headers.Add(header.Name, header.Value));
        using var response = await server.Client.SendAsync(request, Cancel);
        return await HttpAnswer.ReadAsync(response);
    }

    private Task<HttpResponseMessage> OpenAsync(string query, params (string Name, string Value)[] headers) =>
        SentEvents.OpenAsync(server.Client, $"/v1/feed?{query}", headers);
}
