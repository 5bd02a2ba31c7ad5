using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Forge.Grains.Tests.Streams;
using Forge.Silo.Events;
using Forge.Silo.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class EventTests(SiloServer server)
{
    private const string EventStream = "text/event-stream";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_Events_IsAPageOfTheLog()
    {
        var session = SessionHttp.New(server);
        await session.CreateAsync("one", ""","tags":["a"]""");
        await session.CreateAsync("two");
        await session.PutAsync("/checkpoints/1/tags", """{"tags":["b"]}""");

        var page = (await session.GetAsync("/events?limit=2")).Json;
        Assert.Equal((2, 2, 3), (page.GetProperty("items").GetArrayLength(), page.GetProperty("next").GetInt64(), page.GetProperty("last").GetInt64()));
        var first = page.GetProperty("items")[0];
        Assert.Equal(
            (1, "created", "one", "main", "a", "manual"),
            (first.GetProperty("position").GetInt64(), first.GetProperty("kind").GetString(), first.GetProperty("message").GetString(),
                first.GetProperty("branch").GetString(), first.GetProperty("tags")[0].GetString(), first.GetProperty("trigger").GetString()));
        Assert.False(first.TryGetProperty("text", out _));
        var rest = (await session.GetAsync($"/events?after={page.GetProperty("next").GetInt64()}")).Json;
        Assert.Equal(JsonValueKind.Null, rest.GetProperty("next").ValueKind);
        Assert.Equal("tagged", Assert.Single(rest.GetProperty("items").EnumerateArray()).GetProperty("kind").GetString());
        Assert.Equal(0, (await SessionHttp.New(server).GetAsync("/events")).Json.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Get_EventsWithBadParts_IsRefused()
    {
        var session = SessionHttp.New(server);
        await session.CreateAsync("one");

        (await session.GetAsync("/events?after=2")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "after");
        (await session.GetAsync("/events?after=-1")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "after");
        (await session.GetAsync("/events?limit=1001")).MustRefuse(HttpStatusCode.RequestEntityTooLarge, "limit_exceeded", "limit");
        (await session.GetAsync("/events?from=1")).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "from");
        (await session.GetAsync("/events", ("Last-Event-ID", "x"))).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "lastEventID");
        (await session.GetAsync("/events?limit=1", ("Accept", EventStream))).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "limit");
        (await session.GetAsync("/events?after=2", ("Accept", EventStream))).MustRefuse(HttpStatusCode.BadRequest, "invalid_request", "after");
        await session.DeleteAsync();
        (await session.GetAsync("/events")).MustRefuse(HttpStatusCode.Gone, "session_deleted");
        (await session.GetAsync("/events", ("Accept", EventStream))).MustRefuse(HttpStatusCode.Gone, "session_deleted");
    }

    [Fact]
    public async Task Stream_LastEventId_ResumesBehindItWhateverTheQuerySays()
    {
        var session = SessionHttp.New(server);
        await session.CreateAsync("one");
        await session.CreateAsync("two");
        using (var first = await OpenAsync(session))
        {
            Assert.Equal(EventStream, first.Content.Headers.ContentType!.MediaType);
            var items = await SentEvents.TakeAsync(first, 2);
            Assert.Equal([("1", "created"), ("2", "created")], items.Select(i => (i.EventId!, i.EventType)));
            Assert.Equal("two", JsonDocument.Parse(items[1].Data).RootElement.GetProperty("message").GetString());
        }

        await session.CreateAsync("three");
        using var again = await OpenAsync(session, "?after=0", ("Last-Event-ID", "2"));
        var live = SentEvents.TakeAsync(again, 2);
        await session.PostAsync("/checkpoints/1/restore", "{}");

        Assert.Equal([("3", "created"), ("4", "restored")], (await live).Select(i => (i.EventId!, i.EventType)));
    }

    [Fact]
    public async Task Stream_WhileNothingHappens_SaysThatItIsStillThere()
    {
        var session = SessionHttp.New(server);
        using var response = await OpenAsync(session);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));

        Assert.Equal("retry: 1000", await reader.ReadLineAsync(Cancel));
        Assert.Equal("", await reader.ReadLineAsync(Cancel));
        for (var beat = 0; beat < 3; beat++)
        {
            Assert.StartsWith(":", await reader.ReadLineAsync(Cancel), StringComparison.Ordinal);
            Assert.Equal("", await reader.ReadLineAsync(Cancel));
        }

        // Heartbeats leave the events whole.
        await session.CreateAsync("one");
        string line;
        do
        {
            line = (await reader.ReadLineAsync(Cancel))!;
        }
        while (line is "" || line[0] == ':');
        Assert.Equal("event: created", line);
    }

    [Fact]
    public async Task Stream_SessionThatIsDeleted_EndsWithAnErrorEvent()
    {
        var session = SessionHttp.New(server);
        await session.CreateAsync("one");
        using var response = await OpenAsync(session, "?after=1");
        await session.DeleteAsync();

        var item = Assert.Single(await SentEvents.TakeAsync(response, 2));
        Assert.Equal(("error", null), (item.EventType, item.EventId));
        var told = JsonDocument.Parse(item.Data).RootElement;
        Assert.Equal(("session_deleted", 410), (told.GetProperty("code").GetString(), told.GetProperty("status").GetInt32()));
    }

    [Fact]
    public async Task Stream_MoreThanTheSiloServes_IsBusyUntilOneEnds()
    {
        var session = SessionHttp.New(server);
        await session.CreateAsync("one");
        await UntilOpenAsync(0);
        var open = new List<HttpResponseMessage>();
        for (var i = 0; i < SiloServer.StreamLimit; i++)
        {
            open.Add(await OpenAsync(session));
        }

        (await session.GetAsync("/events", ("Accept", EventStream))).MustRefuse(HttpStatusCode.TooManyRequests, "busy");
        Assert.Equal(HttpStatusCode.OK, (await session.GetAsync("/events")).Status);
        open[0].Dispose();
        await UntilOpenAsync(SiloServer.StreamLimit - 1);
        open.Add(await OpenAsync(session));
        Assert.Equal("1", Assert.Single(await SentEvents.TakeAsync(open[^1], 1)).EventId);
        open.ForEach(response => response.Dispose());

        // The next test finds them ended.
        await UntilOpenAsync(0);
    }

    [Fact]
    public async Task Stream_SiloStops_EndsWithIt()
    {
        await using var app = ForgeHost.Build(
            ["--urls", "http://127.0.0.1:0", "--Forge:Database", "Memory", "--Forge:SiloPort", "0", "--Forge:GatewayPort", "0"],
            builder => builder.Logging.ClearProviders());
        await app.StartAsync(Cancel);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var session = new SessionHttp(client, "s");
        await session.CreateAsync("one");
        using var response = await OpenAsync(client, session, "");
        await using var items = SseParser.Create(await response.Content.ReadAsStreamAsync(Cancel)).EnumerateAsync(Cancel).GetAsyncEnumerator(Cancel);
        Assert.True(await items.MoveNextAsync());
        Assert.Equal("1", items.Current.EventId);
        var ends = items.MoveNextAsync().AsTask();
        await app.StopAsync(Cancel);

        Assert.False(await ends.WaitAsync(Watching.Patience, Cancel));
    }

    [Fact]
    public async Task Stream_BatchesOfMoreThanAPageMayHave_IsServed()
    {
        await using var app = ForgeHost.Build(
            [
                "--urls", "http://127.0.0.1:0", "--Forge:Database", "Memory", "--Forge:SiloPort", "0", "--Forge:GatewayPort", "0",
                "--Forge:Streams:BatchEvents", "500", "--Forge:Limits:PageItems", "100",
            ],
            builder => builder.Logging.ClearProviders());
        await app.StartAsync(Cancel);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var session = new SessionHttp(client, "s");
        await session.CreateAsync("one");
        using (var response = await OpenAsync(client, session, ""))
        {
            Assert.Equal("1", Assert.Single(await SentEvents.TakeAsync(response, 1)).EventId);
        }

        await app.StopAsync(Cancel);
    }

    private async Task UntilOpenAsync(int count)
    {
        var streams = server.Services.GetRequiredService<EventStreams>();
        while (streams.Open != count)
        {
            await server.Client.GetAsync("/health/live", Cancel);
        }
    }

    private Task<HttpResponseMessage> OpenAsync(SessionHttp session, string query = "", params (string Name, string Value)[] headers) =>
        OpenAsync(server.Client, session, query, headers);

    private static Task<HttpResponseMessage> OpenAsync(
        HttpClient client, SessionHttp session, string query, params (string Name, string Value)[] headers) =>
        SentEvents.OpenAsync(client, $"{session.Path}/events{query}", headers);
}
