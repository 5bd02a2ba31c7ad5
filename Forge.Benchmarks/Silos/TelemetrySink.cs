using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Forge.Benchmarks.Silos;

/// <summary>Takes what a silo sends by OTLP over HTTP, reads it to its end, and keeps nothing.</summary>
internal sealed class TelemetrySink : IAsyncDisposable
{
    private readonly WebApplication _app;
    private long _bytes;

    private TelemetrySink(WebApplication app) => _app = app;

    /// <summary>The settings that have a silo send here, at the sampling that is OpenTelemetry's default: everything.</summary>
    public string[] Settings => ["--OTEL_EXPORTER_OTLP_ENDPOINT", _app.Urls.Single(), "--OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"];

    /// <summary>How many bytes came.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public static async Task<TelemetrySink> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var sink = new TelemetrySink(app);
        app.MapPost("/v1/{signal}", sink.TakeAsync);
        await app.StartAsync();
        return sink;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        var buffer = new byte[64 * 1024];
        while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is > 0 and var read)
        {
            Interlocked.Add(ref _bytes, read);
        }
    }
}
