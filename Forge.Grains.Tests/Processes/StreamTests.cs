using System.Net.ServerSentEvents;
using Forge.Client;
using Forge.Events;
using Forge.Grains.Tests.PostgreSql;
using Forge.Testing.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Forge.Grains.Tests.Processes;

/// <summary>What those who watch sessions see of the death of a silo.</summary>
public sealed class StreamTests
{
    private const int Sessions = 12;
    private const int Each = 60;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Watch_OneOfTwoSilosKilledMeanwhile_HasNoHoleAndNoRepeat()
    {
        await using var silos = await SiloPair.StartAsync();
        var forge = silos.Forge;
        var half = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var watching = Enumerable.Range(0, Sessions).Select(s => Task.Run(() => WatchAsync(forge.Session($"s{s}")))).ToList();
        var streaming = Enumerable.Range(0, Sessions).Select(s => Task.Run(() => StreamAsync(silos.One, $"s{s}"))).ToList();
        var writing = Enumerable.Range(0, Sessions).Select(s => Task.Run(() => SaveAsync(forge.Session($"s{s}"), half))).ToList();
        await half.Task.WaitAsync(Patience, Cancel);
        await silos.Two.KillAsync();
        await Task.WhenAll(writing).WaitAsync(Patience, Cancel);

        var expected = Enumerable.Range(1, Each).Select(n => (long)n).ToList();
        Assert.All(await Task.WhenAll(watching).WaitAsync(Patience, Cancel), positions => Assert.Equal(expected, positions));
        Assert.All(await Task.WhenAll(streaming).WaitAsync(Patience, Cancel), positions => Assert.Equal(expected, positions));
    }

    [Fact]
    public async Task Stop_WhileStreamsAreOpen_EndsThemAndDoesNotWait()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SiloProcess.StartAsync("--Forge:Data", folder.Path);
        var open = Enumerable.Range(0, 5).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToList();
        var streams = open.Select((isOpen, s) => StreamAsync(silo, $"s{s}", isOpen)).ToList();
        await Task.WhenAll(open.Select(isOpen => isOpen.Task)).WaitAsync(Patience, Cancel);
        using var created = await silo.Client.PostAsync(
            "/v1/sessions/s0/checkpoints", new StringContent("""{"message":"m","state":1}""", null, "application/json"), Cancel);
        created.EnsureSuccessStatusCode();

        Assert.Equal(0, await silo.StopAsync());
        var told = await Task.WhenAll(streams).WaitAsync(Patience, Cancel);
        Assert.True(told.Sum(positions => positions.Count) <= 1);
        Assert.DoesNotContain(silo.OwnLines, line => line.Contains("fail:", StringComparison.Ordinal));
    }

    private static async Task SaveAsync(SessionHandle session, TaskCompletionSource half)
    {
        for (var n = 1; n <= Each; n++)
        {
            await session.CheckpointAsync(n, $"number {n}", cancellationToken: Cancel);
            _ = n == Each / 2 && half.TrySetResult();
        }
    }

    private static async Task<List<long>> WatchAsync(SessionHandle session)
    {
        var positions = new List<long>();
        await foreach (var happened in session.WatchAsync(cancellationToken: Cancel))
        {
            Assert.Equal((LogEventKind.Created, $"number {positions.Count + 1}"), (happened.Kind, happened.Message));
            positions.Add(happened.Position);
            if (positions.Count == Each)
            {
                break;
            }
        }

        return positions;
    }

    /// <summary>By HTTP, as a browser does: it comes back with the last id whenever the stream ends.</summary>
    private static async Task<List<long>> StreamAsync(SiloProcess silo, string session, TaskCompletionSource? isOpen = null)
    {
        var positions = new List<long>();
        while (positions.Count < Each)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/sessions/{session}/events") { Headers = { { "Accept", "text/event-stream" } } };
            if (positions.Count > 0)
            {
                request.Headers.Add("Last-Event-ID", $"{positions[^1]}");
            }

            try
            {
                using var response = await silo.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
                if (!response.IsSuccessStatusCode)
                {
                    continue;
                }

                isOpen?.TrySetResult();
                var items = SseParser.Create(await response.Content.ReadAsStreamAsync(Cancel)).EnumerateAsync(Cancel);
                await foreach (var item in items)
                {
                    if (item.EventType != "error")
                    {
                        positions.Add(long.Parse(item.EventId!, System.Globalization.CultureInfo.InvariantCulture));
                    }

                    if (positions.Count == Each)
                    {
                        break;
                    }
                }
            }
            catch (HttpRequestException)
            {
                // The silo is gone for good.
                return positions;
            }
        }

        return positions;
    }
}
