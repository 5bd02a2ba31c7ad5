using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using Forge.Grains.Feeds;
using Forge.Grains.Tests.Http;
using Forge.Grains.Tests.Streams;
using Forge.Silo.Draining;
using Forge.Silo.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Draining;

/// <summary>What a silo does that is asked to stop, until it does.</summary>
public sealed class DrainTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stop_WithADelay_IsNotReadyAndServesUntilItIsOver()
    {
        var time = new FakeTimeProvider();
        await using var app = await StartAsync(time);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var stream = await SentEvents.OpenAsync(client, "/v1/sessions/s/events");
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(client.BaseAddress) { Scheme = "ws", Path = "/v1/rpc" }.Uri, Cancel);
        Assert.Equal(HttpStatusCode.OK, await ReadinessAsync(client));

        // As a signal does.
        app.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        var stopped = app.StopAsync(CancellationToken.None);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ReadinessAsync(client));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/live", Cancel)).StatusCode);
        using var newcomer = new HttpClient { BaseAddress = client.BaseAddress };
        using var created = await newcomer.PostAsJsonAsync("/v1/sessions/s/checkpoints", new { message = "m", state = 1 }, Cancel);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("1", Assert.Single(await SentEvents.TakeAsync(stream, 1)).EventId);
        Assert.False(stopped.IsCompleted);

        time.Advance(Delay);

        Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "The silo is stopping."), await ClosedAsync(socket));
        await stopped.WaitAsync(Watching.Patience, Cancel);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/health/live", Cancel));
    }

    [Fact]
    public async Task Stop_WithoutADelay_EndsStreamsWithAWordAtOnce()
    {
        await using var app = await StartAsync(new FakeTimeProvider(), "--Forge:Drain:Delay", "00:00:00");
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var stream = await SentEvents.OpenAsync(client, "/v1/sessions/s/events");

        var text = stream.Content.ReadAsStringAsync(Cancel);
        await app.StopAsync(Cancel);

        Assert.EndsWith(": the silo is stopping\n\n", await text.WaitAsync(Watching.Patience, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_WhileACallerWaitsForItsFeed_AnswersItAndDoesNotWaitForIt()
    {
        await using var app = await StartAsync(new FakeTimeProvider(), "--Forge:Drain:Delay", "00:00:00", "--Forge:Drain:Timeout", "00:00:10");
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var waiting = client.GetAsync("/v1/feed?wait=20", Cancel);
        while (app.Services.GetRequiredService<FeedWatches>().Waiters == 0)
        {
            await client.GetAsync("/health/live", Cancel);
        }

        await app.StopAsync(Cancel);

        Assert.Equal(HttpStatusCode.OK, (await waiting).StatusCode);
    }

    [Theory]
    [InlineData("Forge:Drain:Delay is 00:05:01; it must be from 00:00:00 to 00:05:00.", "--Forge:Drain:Delay", "00:05:01")]
    [InlineData("Forge:Drain:Timeout is 00:00:00; it must be from 00:00:01 to 00:10:00.", "--Forge:Drain:Timeout", "00:00:00")]
    public async Task Start_BadSetting_NamesIt(string expected, params string[] settings)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(new FakeTimeProvider(), settings));

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> ReadinessAsync(HttpClient client)
    {
        using var response = await client.GetAsync("/health/ready", Cancel);
        return response.StatusCode;
    }

    private static async Task<(WebSocketCloseStatus?, string?)> ClosedAsync(ClientWebSocket socket)
    {
        var received = await socket.ReceiveAsync(new byte[1024], Cancel).WaitAsync(Watching.Patience, Cancel);
        Assert.Equal(WebSocketMessageType.Close, received.MessageType);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", Cancel);
        return (received.CloseStatus, received.CloseStatusDescription);
    }

    private static async Task<WebApplication> StartAsync(FakeTimeProvider time, params string[] settings)
    {
        var app = ForgeHost.Build(
            [
                "--urls", "http://127.0.0.1:0", "--Forge:Database", "Memory", "--Forge:SiloPort", "0", "--Forge:GatewayPort", "0",
                "--Forge:Drain:Delay", $"{Delay:c}", .. settings,
            ],
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Services.AddSingleton(services => new Drain(
                    services.GetRequiredService<IOptions<DrainOptions>>(), services.GetRequiredService<IHostApplicationLifetime>(), time));
            });
        await app.StartAsync(Cancel);
        return app;
    }
}
