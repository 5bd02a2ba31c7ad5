using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using System.Text.Json;
using Forge.Grains.Telemetry;
using Forge.Grains.Tests.Http;
using Forge.History.Writing;
using Forge.Silo.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Tests.Operations;

/// <summary>A silo of a test's own, as an operator sees it.</summary>
internal sealed class OperatedSilo : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OperatedSilo(WebApplication app) => (_app, Client) = (app, new HttpClient { BaseAddress = new Uri(app.Urls.Single()) });

    public HttpClient Client { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<OperatedSilo> StartAsync(params string[] settings)
    {
        var app = ForgeHost.Build(
            ["--urls", "http://127.0.0.1:0", "--Forge:SiloPort", "0", "--Forge:GatewayPort", "0", .. settings], builder => builder.Logging.ClearProviders());
        await app.StartAsync(Cancel);
        return new OperatedSilo(app);
    }

    public static Task<OperatedSilo> StartOnAsync(string database) =>
        StartAsync("--Forge:Database", "PostgreSql", "--ConnectionStrings:Forge", database);

    public SessionHttp Session(string name) => new(Client, name);

    /// <summary>Makes sessions of each kind of thing that a session has: states that are differences, tags, notes, branches, labels, an effect, a removed one.</summary>
    public async Task FillAsync(int sessions)
    {
        for (var s = 0; s < sessions; s++)
        {
            var session = Session($"s{s}");
            for (var n = 1; n <= 5; n++)
            {
                await session.CreateAsync($"step {n}", $$""","tags":["t{{n}}"],"branch":"{{(n == 4 ? "side" : "main")}}"{{(n == 4 ? ",\"parent\":2" : "")}}""");
            }

            Assert.All(
                new[]
                {
                    await session.PostAsync("/checkpoints/2/annotations", """{"text":"look here","severity":"warning"}"""),
                    await session.PutAsync("", """{"labels":{"team":"red"}}"""),
                    await session.PostAsync("/effects/mail/begin", """{"class":"write","request":"r"}"""),
                    await session.DeleteAsync("/checkpoints/1"),
                },
                answer => Assert.InRange((int)answer.Status, 200, 204));
        }
    }

    /// <summary>Creates in one session until it is told to end; answers how many were taken.</summary>
    public async Task<int> WriteAsync(string session, Task end)
    {
        var taken = 0;
        while (!end.IsCompleted)
        {
            await Session(session).CreateAsync($"number {++taken}");
        }

        return taken;
    }

    /// <summary>Verifies all that is stored, which has to be as it was saved, and answers how many checkpoints and sessions that were.</summary>
    public async Task<(long Sessions, long Checkpoints)> VerifyAsync()
    {
        using var answer = await Client.PostAsync("/v1/verify", null, Cancel);
        var lines = (await answer.Content.ReadAsStringAsync(Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var sums = JsonDocument.Parse(lines[^1]).RootElement;
        Assert.Equal((0, 0), (sums.GetProperty("damaged").GetInt64(), sums.GetProperty("invalid").GetInt64()));
        return (sums.GetProperty("sessions").GetInt64(), sums.GetProperty("valid").GetInt64());
    }

    /// <summary>The checkpoints of all sessions, as an export has them, with what hangs on them.</summary>
    public async Task<List<string>> LinesAsync() =>
        [.. (await Client.GetStringAsync("/v1/export", Cancel)).Split('\n').Where(line => !line.StartsWith("{\"forge\"", StringComparison.Ordinal))];

    /// <summary>The sequences of a session, rising.</summary>
    public async Task<List<long>> SequencesAsync(string session)
    {
        var page = await Client.GetFromJsonAsync<JsonElement>($"/v1/sessions/{session}/checkpoints?order=oldest&limit=1000", Cancel);
        return [.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("sequence").GetInt64())];
    }

    /// <summary>The instruments of some meters.</summary>
    public List<string> Instruments(params string[] meters)
    {
        // Each makes its instruments as it is made.
        _app.Services.GetRequiredService<HistoryWriter>();
        _app.Services.GetRequiredService<GrainInstruments>();
        var (found, scope) = (new List<string>(), _app.Services.GetRequiredService<IMeterFactory>());
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (meters.Contains(instrument.Meter.Name) && ReferenceEquals(instrument.Meter.Scope, scope))
                {
                    found.Add(instrument.Name);
                }
            },
        };
        listener.Start();
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
