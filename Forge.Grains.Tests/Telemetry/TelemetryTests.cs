using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Forge.Grains.Telemetry;
using Forge.Grains.Tests.PostgreSql;
using Forge.Grains.Usage;
using Forge.History.Telemetry;
using Forge.History.Writing;
using Forge.Silo.Hosting;
using Forge.Silo.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Tests.Telemetry;

/// <summary>What a silo tells of itself, as it comes over OTLP.</summary>
public sealed class TelemetryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_OverHttp_IsOneTraceWhoseBatchAndStatementsAreLinkedToIt()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var app = await StartAsync(
            [.. receiver.Settings, "--Forge:Database", "PostgreSql", "--ConnectionStrings:Forge", await PostgreSqlServer.Shared.CreateDatabaseAsync()]);
        using var client = Client(app);
        using var created = await client.PostAsJsonAsync("/v1/sessions/traced/checkpoints", new { message = "m", state = new { step = 1 } }, Cancel);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);

        await receiver.UntilAsync(() => Root() is { } root && BatchOf(root) is { } batch && StatementsOf(batch).Any());

        var trace = receiver.Spans.Where(span => span.Trace == Root()!.Trace).ToList();
        var ids = trace.Select(span => span.Id).ToHashSet();
        Assert.Equal("Microsoft.AspNetCore", Root()!.Source);
        Assert.All(trace.Where(span => span != Root()), span => Assert.Contains(span.Parent, ids));
        var call = Assert.Single(trace, span => span.Tags.GetValueOrDefault("forge.operation") == "createCheckpoint");
        Assert.StartsWith("Microsoft.Orleans", call.Source, StringComparison.Ordinal);
        Assert.Equal(("traced", "default"), (call.Tags["gen_ai.conversation.id"], call.Tags["forge.tenant"]));
        var batch = BatchOf(Root()!)!;
        Assert.Equal((HistoryInstruments.BatchSpan, "written", ""), (batch.Name, batch.Tags["forge.outcome"], batch.Parent));
        Assert.Equal((call.Trace, call.Id), Assert.Single(batch.Links));
        Assert.NotEqual(call.Trace, batch.Trace);

        // Sources are those of the process, so that what the test itself is asked over HTTP comes too.
        ReceivedSpan? Root() => receiver.Spans.Find(span => span.Tags.GetValueOrDefault("gen_ai.conversation.id") == "traced") is { Trace: var trace }
            ? receiver.Spans.Find(span => span.Trace == trace && span.Parent == "")
            : null;

        ReceivedSpan? BatchOf(ReceivedSpan root) =>
            receiver.Spans.Find(span => span.Source == HistoryInstruments.Name && span.Links.Any(link => link.Trace == root.Trace));

        IEnumerable<ReceivedSpan> StatementsOf(ReceivedSpan batch) => receiver.Spans.Where(span => span.Source == "Npgsql" && span.Parent == batch.Id);
    }

    [Fact]
    public async Task Restore_OfACheckpointThatWasTraced_IsLinkedToItsCreate()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var app = await StartAsync([.. receiver.Settings, "--Forge:Database", "Memory"]);
        using var client = Client(app);
        foreach (var step in Enumerable.Range(1, 2))
        {
            using var created = await client.PostAsJsonAsync("/v1/sessions/linked/checkpoints", new { message = "m", state = new { step } }, Cancel);
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        }

        using var restored = await client.PostAsync(new Uri("/v1/sessions/linked/checkpoints/1/restore", UriKind.Relative), null, Cancel);
        Assert.Equal(HttpStatusCode.OK, restored.StatusCode);

        await receiver.UntilAsync(() => CallsOf("restoreCheckpoint").Any() && CallsOf("createCheckpoint").Count() == 2);
        var restore = Assert.Single(CallsOf("restoreCheckpoint"));
        var link = Assert.Single(restore.Links);
        var create = Assert.Single(CallsOf("createCheckpoint"), call => (call.Trace, call.Id) == link);
        Assert.NotEqual(restore.Trace, create.Trace);

        // The earlier of the two: sequence 1.
        Assert.Equal(create, CallsOf("createCheckpoint").First());

        IEnumerable<ReceivedSpan> CallsOf(string operation) => receiver.Spans.Where(
            span => span.Tags.GetValueOrDefault("forge.operation") == operation && span.Tags.GetValueOrDefault("gen_ai.conversation.id") == "linked");
    }

    [Fact]
    public async Task Metrics_OfASiloThatWorks_AreAllThatThePageNames()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var app = await StartAsync([.. receiver.Settings, "--Forge:Database", "Memory"]);
        using var client = Client(app);
        foreach (var step in Enumerable.Range(1, 2))
        {
            using var created = await client.PostAsJsonAsync(
                "/v1/sessions/measured/checkpoints", new { message = "m", state = new { step, text = new string('x', 5000) } }, Cancel);
            Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/sessions/measured/checkpoints/latest", Cancel)).StatusCode);

        // What it asks the database for once in a minute.
        await app.Services.GetServices<IHostedService>().OfType<Census>().Single().TakeAsync(isForced: true, Cancel);

        // An activation that is overtaken is no part of a day's work.
        var expected = InstrumentsOf(app).Where(instrument => instrument.Name != "forge.sessions.stepped_down").ToList();
        await receiver.UntilAsync(() => expected.TrueForAll(instrument => receiver.Instruments.Contains((instrument.Meter, instrument.Name))));

        var meters = receiver.Instruments.Select(instrument => instrument.Meter).ToHashSet();
        Assert.Subset(TelemetryExport.Meters.ToHashSet(), meters);
        Assert.Contains("Microsoft.AspNetCore.Hosting", meters);
        Assert.Contains("Microsoft.Orleans", meters);
    }

    [Fact]
    public async Task Metrics_EndpointOfTheirOwn_GoThereAndNoTracesAnywhere()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var app = await StartAsync([.. receiver.MetricsSettings, "--Forge:Database", "Memory"]);

        await receiver.UntilAsync(() => receiver.Instruments.Contains((HistoryInstruments.Name, "forge.writer.lanes")));

        Assert.Empty(receiver.Spans);
        Assert.Null(app.Services.GetService<OpenTelemetry.Trace.TracerProvider>());
    }

    [Fact]
    public async Task Instruments_All_AreNamedByThePageForOperators()
    {
        await using var app = await StartAsync(["--Forge:Database", "Memory"]);
        var page = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "docs", "operations.md"), Cancel);
        var named = page.Split('`').Where((part, i) => i % 2 == 1 && part.StartsWith("forge.", StringComparison.Ordinal) && !part.Contains(' ')).ToHashSet();

        Assert.Equal(InstrumentsOf(app).Select(i => i.Name).Order(), named.Where(name => InstrumentsOf(app).Any(i => i.Name == name)).Order());
        Assert.NotEmpty(named);
    }

    [Fact]
    public async Task Dashboard_Queries_AskForInstrumentsThatThereAre()
    {
        await using var app = await StartAsync(["--Forge:Database", "Memory"]);
        using var dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "deploy", "grafana-forge.json"), Cancel));
        var queries = dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .Where(panel => panel.TryGetProperty("targets", out _))
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray(), (_, target) => target.GetProperty("expr").GetString()!)
            .ToList();
        var asked = queries.SelectMany(query => Regex.Matches(query, @"forge_[a-z_]+(?=[\[{])|(?<=(sum|max|\) )\()forge_[a-z_]+").Select(match => match.Value)).ToHashSet();
        var there = Instruments(app).SelectMany(SeriesOf).ToHashSet();

        Assert.NotEmpty(asked);
        Assert.Subset(there, asked);
        Assert.Contains("forge_tenant_stored_bytes", asked);
    }

    [Fact]
    public async Task Silo_WithoutAnEndpoint_HasNobodyWhoListens()
    {
        await using var app = await StartAsync(["--Forge:Database", "Memory"]);

        Assert.False(app.Services.GetRequiredService<HistoryInstruments>().MeasuresWaits);
        Assert.Null(app.Services.GetService<OpenTelemetry.Metrics.MeterProvider>());
    }

    private static List<(string Meter, string Name)> InstrumentsOf(WebApplication app) =>
        Instruments(app).ConvertAll(instrument => (instrument.Meter.Name, instrument.Name));

    /// <summary>By which names Prometheus has an instrument that comes over OTLP.</summary>
    private static IEnumerable<string> SeriesOf(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_') + instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        return instrument.GetType().Name.Split('`')[0] switch
        {
            "Histogram" => [$"{name}_bucket", $"{name}_count", $"{name}_sum"],
            "Counter" => [$"{name}_total"],
            _ => [name],
        };
    }

    /// <summary>The instruments of Forge's own meters in a silo.</summary>
    private static List<Instrument> Instruments(WebApplication app)
    {
        // Each makes its instruments as it is made.
        app.Services.GetRequiredService<HistoryWriter>();
        app.Services.GetRequiredService<GrainInstruments>();
        var (found, scope) = (new List<Instrument>(), app.Services.GetRequiredService<IMeterFactory>());
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name is HistoryInstruments.Name or GrainInstruments.Name && ReferenceEquals(instrument.Meter.Scope, scope))
                {
                    found.Add(instrument);
                }
            },
        };
        listener.Start();
        Assert.NotEmpty(found);
        return found;
    }

    private static HttpClient Client(WebApplication app) => new() { BaseAddress = new Uri(app.Urls.Single()) };

    private static async Task<WebApplication> StartAsync(string[] settings)
    {
        var app = ForgeHost.Build(
            ["--urls", "http://127.0.0.1:0", "--Forge:SiloPort", "0", "--Forge:GatewayPort", "0", .. settings],
            builder => builder.Logging.ClearProviders());
        await app.StartAsync(Cancel);
        return app;
    }
}
