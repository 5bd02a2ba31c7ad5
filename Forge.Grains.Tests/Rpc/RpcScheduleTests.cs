using Forge.Grains.Tests.Retention;
using Forge.Grains.Upkeep;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Forge.Grains.Tests.Rpc;

/// <summary>Due states of sessions by JSON-RPC, over real sockets.</summary>
public sealed class RpcScheduleTests
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    private readonly ShiftedTime _time = new();

    [Fact]
    public async Task Subscribe_ToDueStates_IsToldAndAnswersByACreate()
    {
        await using var host = await StartAsync();
        await using var client = await host.ConnectAsync();
        await client.ResultAsync("setSettings", """{"session":"s","schedule":{"every":"PT5M"}}""");
        await client.ResultAsync("createCheckpoint", """{"session":"s","message":"first","state":1}""");
        _time.Advance(Period);
        var subscription = (await client.ResultAsync("subscribe", """{"session":"s","due":true}""")).GetProperty("subscription").GetInt64();

        // The subscription stands once the session knows of it; a sweep before that is one too early, and who comes behind it is told too.
        await SweepAsync(host);

        var told = (await client.NextAsync()).Json;
        Assert.Equal("stateDue", told.GetProperty("method").GetString());
        Assert.False(told.TryGetProperty("id", out _));
        Assert.Equal(subscription, told.GetProperty("params").GetProperty("subscription").GetInt64());
        var due = told.GetProperty("params").GetProperty("due");
        Assert.Equal(("s", "scheduled", 1), (due.GetProperty("session").GetString(), due.GetProperty("trigger").GetString(), due.GetProperty("lastSequence").GetInt64()));
        Assert.True(due.GetProperty("answerBy").GetDateTimeOffset() >= due.GetProperty("since").GetDateTimeOffset() + TimeSpan.FromSeconds(30));
        await client.ResultAsync("createCheckpoint", """{"session":"s","message":"answer","trigger":"scheduled","state":2}""");
        _time.Advance(TimeSpan.FromMinutes(1));
        await SweepAsync(host);
        var events = await client.ResultAsync("listEvents", """{"session":"s"}""");
        Assert.DoesNotContain(events.GetProperty("items").EnumerateArray(), e => e.GetProperty("kind").GetString() == "checkpointMissed");
    }

    [Fact]
    public async Task Subscribe_ToDueStatesThatNobodyAnswers_AreEventsOfTheLog()
    {
        await using var host = await StartAsync();
        await using var client = await host.ConnectAsync();
        await client.ResultAsync("setSettings", """{"session":"s","schedule":{"every":"PT5M","answerWithin":"PT10S"}}""");
        _time.Advance(Period);
        await SweepAsync(host);
        await client.ResultAsync("subscribe", """{"session":"s","due":true}""");
        await client.NextAsync();
        await client.ResultAsync("subscribe", """{"session":"s"}""");

        _time.Advance(TimeSpan.FromSeconds(20));
        await SweepAsync(host);

        var missed = (await client.NextAsync()).Json.GetProperty("params").GetProperty("event");
        Assert.Equal(("checkpointMissed", "scheduled"), (missed.GetProperty("kind").GetString(), missed.GetProperty("trigger").GetString()));
        Assert.True(missed.TryGetProperty("dueSince", out _) && missed.TryGetProperty("told", out _));
    }

    [Fact]
    public async Task Unsubscribe_FromDueStates_NothingComesBehindItsAnswer()
    {
        await using var host = await StartAsync();
        await using var client = await host.ConnectAsync();
        await client.ResultAsync("setSettings", """{"session":"s","schedule":{"every":"PT5M"}}""");
        var subscription = (await client.ResultAsync("subscribe", """{"session":"s","due":true}""")).GetProperty("subscription").GetInt64();
        await client.ResultAsync("unsubscribe", $$"""{"subscription":{{subscription}}}""");

        _time.Advance(Period);
        await SweepAsync(host);
        await client.ResultAsync("getSession", """{"session":"s"}""");

        Assert.False(client.Others.TryRead(out _));
    }

    [Fact]
    public async Task Subscribe_ToDueStatesAfterAPosition_IsRefused()
    {
        await using var host = await StartAsync();
        await using var client = await host.ConnectAsync();

        (await client.CallAsync("subscribe", """{"session":"s","due":true,"after":0}""")).MustRefuse(-32602, "invalid_request", "after");
        await client.ResultAsync("subscribe", """{"session":"s","due":false,"after":0}""");
    }

    private Task<RpcHost> StartAsync() => RpcHost.StartAsync(
        services => services.AddSingleton<TimeProvider>(_time), "Forge:Retention:SweepInterval=1.00:00:00");

    private static Task SweepAsync(RpcHost host) =>
        host.Services.GetServices<IHostedService>().OfType<Sweeper>().Single().SweepAsync(TestContext.Current.CancellationToken);
}
