using System.Net;
using System.Net.Http.Json;
using Forge.Checkpoints;
using Forge.Client;
using Forge.Grains.Tests.PostgreSql;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace Forge.Grains.Tests.Processes;

/// <summary>What a cluster of silo processes makes of the death of one, and of all.</summary>
public sealed class FailoverTests
{
    private const int Sessions = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kill_OneOfTwoSilos_IsNoticedAndItsSessionsGoOnThroughTheOther()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await using (var one = await StartAsync(database))
        await using (var two = await StartAsync(database))
        {
            await CreateEverywhereAsync(1, one, two);
            var noticed = one.UntilItSaysAsync(Death(two));
            await two.KillAsync();
            await noticed;

            await CreateEverywhereAsync(2, one);
            await MustHaveAsync(one, 2);
            Assert.Single(one.OwnLines, line => line.Contains("has died", StringComparison.Ordinal));
        }

        await PostgreSqlServer.Shared.DropDatabaseAsync(database);
    }

    [Fact]
    public async Task Start_AfterAllSilosWereKilled_BuriesThemBeforeItJoinsAndHasTheirSessions()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await using (var one = await StartAsync(database))
        await using (var two = await StartAsync(database))
        {
            await CreateEverywhereAsync(1, one, two);
            await Task.WhenAll(one.KillAsync(), two.KillAsync());

            // On ports of its own.
            await using var three = await StartAsync(database);
            var lines = three.OwnLines.ToList();
            Assert.Contains("is ready at", lines[^1], StringComparison.Ordinal);
            Assert.Contains(lines, line => line.Contains(Death(one), StringComparison.Ordinal));
            Assert.Contains(lines, line => line.Contains(Death(two), StringComparison.Ordinal));
            await CreateEverywhereAsync(2, three);
            await MustHaveAsync(three, 2);
        }

        await PostgreSqlServer.Shared.DropDatabaseAsync(database);
    }

    [Fact]
    public async Task CheckpointAsync_OneOfTwoSilosKilledMeanwhile_TakesEachCheckpointOnceAndTellsTheCallerOfNothing()
    {
        const int each = 60;
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await using (var one = await StartAsync(database))
        await using (var two = await StartAsync(database))
        {
            var builder = Host.CreateEmptyApplicationBuilder(null);
            builder.AddForgeClient(options =>
            {
                // Calls that the silo took with it are noticed by its loss and by nothing else.
                (options.ConnectionString, options.Retry.AttemptTimeout, options.Retry.Deadline) =
                    (database, TimeSpan.FromDays(1), TimeSpan.FromDays(1));
            });
            builder.Services.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromDays(1));
            using var host = builder.Build();
            await host.StartAsync(Cancel);
            var forge = host.Services.GetRequiredService<IForgeClient>();
            var half = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

            var callers = Enumerable.Range(0, Sessions).Select(session => Task.Run(() => SaveAsync(forge.Session($"s{session}")))).ToList();
            await half.Task;
            await two.KillAsync();
            var results = await Task.WhenAll(callers).WaitAsync(Patience, Cancel);

            foreach (var (session, created) in results.Index())
            {
                Assert.All(created, result => Assert.Equal(CreateOutcome.Created, result.Outcome));
                Assert.Equal(Enumerable.Range(1, each).Select(n => (long)n), created.Select(result => result.Checkpoint!.Sequence));
                Assert.Equal(each, (await forge.Session($"s{session}").InfoAsync(Cancel))?.Count);
            }

            await host.StopAsync(Cancel);

            async Task<List<CreateResult>> SaveAsync(SessionHandle session)
            {
                List<CreateResult> created = [];
                for (var n = 1; n <= each; n++)
                {
                    created.Add(await session.CheckpointAsync(n, $"number {n}", cancellationToken: Cancel));
                    _ = n == each / 2 && half.TrySetResult();
                }

                return created;
            }
        }

        await PostgreSqlServer.Shared.DropDatabaseAsync(database);
    }

    private static Task<SiloProcess> StartAsync(string database) =>
        SiloProcess.StartAsync("--Forge:Database", "PostgreSql", "--ConnectionStrings:Forge", database);

    private static string Death(SiloProcess silo) => $"Silo S127.0.0.1:{silo.SiloPort}:";

    /// <summary>Creates one checkpoint in each session, through the silos in turn, each again until it is taken.</summary>
    private static Task CreateEverywhereAsync(int number, params SiloProcess[] silos) =>
        Task.WhenAll(Enumerable.Range(0, Sessions).Select(session => CreateAsync(silos[session % silos.Length], session, number)));

    private static async Task CreateAsync(SiloProcess silo, int session, int number)
    {
        for (var status = HttpStatusCode.ServiceUnavailable; status is not (HttpStatusCode.Created or HttpStatusCode.OK);)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/sessions/s{session}/checkpoints")
            {
                Content = JsonContent.Create(new { message = $"{number}", state = number }),
                Headers = { { "Idempotency-Key", $"{number}" } },
            };
            using var response = await silo.Client.SendAsync(request, Cancel);
            status = response.StatusCode;
            Assert.True((int)status is 200 or 201 or 409 or 503, $"{status}: {await response.Content.ReadAsStringAsync(Cancel)}");
        }
    }

    private static async Task MustHaveAsync(SiloProcess silo, int number)
    {
        for (var session = 0; session < Sessions; session++)
        {
            var page = await silo.Client.GetFromJsonAsync<Page>($"/v1/sessions/s{session}/checkpoints?order=oldest", Cancel);
            Assert.Equal(Enumerable.Range(1, number).Select(n => (long)n), page!.Items.Select(item => item.Sequence));
        }
    }

    private sealed record Page(IReadOnlyList<Item> Items);

    private sealed record Item(long Sequence);
}
