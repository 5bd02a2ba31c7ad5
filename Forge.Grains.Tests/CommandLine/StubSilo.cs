using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>A server that answers as a test says, where a real silo would not.</summary>
internal sealed class StubSilo : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StubSilo(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.Single());

    /// <summary>What was asked, in order.</summary>
    public ConcurrentQueue<StubRequest> Requests { get; } = new();

    public static async Task<StubSilo> StartAsync(Func<StubRequest, StubAnswer> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var silo = new StubSilo(app);
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var request = new StubRequest(
                context.Request.Method, context.Request.Path + context.Request.QueryString, await reader.ReadToEndAsync(), context.Request.Headers.Authorization,
                context.Request.Headers["Idempotency-Key"]);
            silo.Requests.Enqueue(request);
            var given = answer(request);
            if (given.Status == 0)
            {
                context.Abort();
                return;
            }

            context.Response.StatusCode = (int)given.Status;
            if (given.Body.Length > 0)
            {
                context.Response.ContentType = (int)given.Status < 400 ? "application/json" : "application/problem+json";
                await context.Response.WriteAsync(given.Body);
            }
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return silo;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(TestContext.Current.CancellationToken);
        await _app.DisposeAsync();
    }
}

/// <summary>What was asked.</summary>
internal sealed record StubRequest(string Method, string Path, string Body, string? Authorization, string? IdempotencyKey);

/// <summary>What is answered; the connection breaks off if the status is 0.</summary>
internal sealed record StubAnswer(HttpStatusCode Status, string Body)
{
    public static StubAnswer BrokenOff { get; } = new(0, "");

    public static StubAnswer Ok(string json) => new(HttpStatusCode.OK, json);

    public static StubAnswer Problem(HttpStatusCode status, string code) =>
        new(status, $$"""{"status":{{(int)status}},"code":"{{code}}","detail":"why not"}""");
}
