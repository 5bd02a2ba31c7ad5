using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Tests.Telemetry;

/// <summary>Receives what a silo sends by OTLP over HTTP, and reads of it what tests look at.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<(string Path, byte[] Body)> _arrived = Channel.CreateUnbounded<(string, byte[])>();

    private OtlpReceiver(WebApplication app) => _app = app;

    /// <summary>All spans that came, in the order in which they came.</summary>
    public List<ReceivedSpan> Spans { get; } = [];

    /// <summary>The names of all instruments that came, with the meters that they are of.</summary>
    public HashSet<(string Meter, string Instrument)> Instruments { get; } = [];

    /// <summary>The settings that have a silo send here.</summary>
    public string[] Settings =>
        ["--OTEL_EXPORTER_OTLP_ENDPOINT", _app.Urls.Single(), "--OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", .. Soon];

    /// <summary>The settings that have a silo send its metrics here, and nothing else anywhere.</summary>
    public string[] MetricsSettings =>
        ["--OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", $"{_app.Urls.Single()}/v1/metrics", "--OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/protobuf", .. Soon];

    private static string[] Soon => ["--OTEL_METRIC_EXPORT_INTERVAL", "300", "--OTEL_BSP_SCHEDULE_DELAY", "100"];

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var receiver = new OtlpReceiver(app);
        app.MapPost("/v1/{signal}", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            await receiver._arrived.Writer.WriteAsync((context.Request.Path, body.ToArray()));
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>Reads what comes until something is there.</summary>
    public async Task UntilAsync(Func<bool> isThere)
    {
        // What never comes fails the test, and does not hang it.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (!isThere())
        {
            var (path, body) = await _arrived.Reader.ReadAsync(patience.Token);
            if (path == "/v1/traces")
            {
                ReadSpans(body);
            }
            else if (path == "/v1/metrics")
            {
                ReadInstruments(body);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    // The numbers of fields are those of opentelemetry/proto/collector/trace/v1 and what it stands on.
    private void ReadSpans(byte[] body)
    {
        foreach (var scope in Messages(body, 1).SelectMany(resource => Messages(resource, 2)))
        {
            var source = Text(Messages(scope, 1).Single(), 1);
            foreach (var span in Messages(scope, 2))
            {
                Spans.Add(new ReceivedSpan(
                    source,
                    Text(span, 5),
                    Hex(span, 1),
                    Hex(span, 2),
                    Hex(span, 4),
                    [.. Messages(span, 13).Select(link => (Hex(link, 1), Hex(link, 2)))],
                    Messages(span, 9).Where(tag => Messages(tag, 2).Any(value => Messages(value, 1).Any()))
                        .ToDictionary(tag => Text(tag, 1), tag => Text(Messages(tag, 2).Single(), 1))));
            }
        }
    }

    private void ReadInstruments(byte[] body)
    {
        foreach (var scope in Messages(body, 1).SelectMany(resource => Messages(resource, 2)))
        {
            var meter = Text(Messages(scope, 1).Single(), 1);
            Instruments.UnionWith(Messages(scope, 2).Select(metric => (meter, Text(metric, 1))));
        }
    }

    private static string Text(byte[] message, int field) => Messages(message, field).Select(System.Text.Encoding.UTF8.GetString).FirstOrDefault() ?? "";

    private static string Hex(byte[] message, int field) => Messages(message, field).Select(Convert.ToHexStringLower).FirstOrDefault() ?? "";

    /// <summary>The fields of a number that have a length: messages, texts and bytes.</summary>
    private static IEnumerable<byte[]> Messages(byte[] message, int field)
    {
        var at = 0;
        while (at < message.Length)
        {
            var (tag, length) = (Number(), 0);
            switch (tag & 7)
            {
                case 0:
                    Number();
                    break;
                case 1:
                    length = 8;
                    break;
                case 2:
                    length = (int)Number();
                    if ((int)(tag >> 3) == field)
                    {
                        yield return message[at..(at + length)];
                    }

                    break;
                case 5:
                    length = 4;
                    break;
                default:
                    throw new InvalidDataException($"A field of the wire type {tag & 7} is not known.");
            }

            at += length;
        }

        ulong Number()
        {
            var value = 0UL;
            for (var shift = 0; ; shift += 7)
            {
                var next = message[at++];
                value |= (ulong)(next & 0x7f) << shift;
                if (next < 0x80)
                {
                    return value;
                }
            }
        }
    }
}

/// <summary>A span as it came.</summary>
internal sealed record ReceivedSpan(
    string Source, string Name, string Trace, string Id, string Parent, IReadOnlyList<(string Trace, string Id)> Links, IReadOnlyDictionary<string, string> Tags);
