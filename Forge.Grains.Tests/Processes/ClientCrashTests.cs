using Forge.Checkpoints;
using Forge.Client;
using Forge.Grains.Tests.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Forge.Grains.Tests.Processes;

/// <summary>What the client library makes of a silo that is killed under it.</summary>
public class ClientCrashTests
{
    private const int Callers = 4;
    private const int Each = 60;

    [Fact]
    public async Task CheckpointAsync_SiloKilledAndStartedAgainMeanwhile_TakesEachCheckpointOnce()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SiloProcess.StartAsync("--Forge:Data", folder.Path);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddForgeClient(options =>
        {
            options.Gateways.Add($"127.0.0.1:{silo.GatewayPort}");

            // What the silo took with it is noticed sooner.
            options.Retry.AttemptTimeout = TimeSpan.FromSeconds(3);
        });
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        var forge = host.Services.GetRequiredService<IForgeClient>();
        var half = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var callers = Enumerable.Range(0, Callers)
            .Select(caller => Task.Run(() => SaveAsync(forge.Session($"s{caller}"), half)))
            .ToList();
        await half.Task;
        await silo.KillAsync();
        await silo.StartAgainAsync();
        var results = await Task.WhenAll(callers);

        foreach (var (caller, created) in results.Index())
        {
            Assert.All(created, result => Assert.Equal(CreateOutcome.Created, result.Outcome));
            Assert.Equal(
                Enumerable.Range(1, Each).Select(n => (long)n), created.Select(result => result.Checkpoint!.Sequence));
            var session = forge.Session($"s{caller}");
            Assert.Equal(Each, (await session.InfoAsync())?.Count);
            Assert.Equal(Each, (await session.LatestAsync<int>())?.State);
        }

        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<List<CreateResult>> SaveAsync(SessionHandle session, TaskCompletionSource half)
    {
        var results = new List<CreateResult>();
        for (var n = 1; n <= Each; n++)
        {
            results.Add(await session.CheckpointAsync(n, $"number {n}"));
            if (n == Each / 2)
            {
                half.TrySetResult();
            }
        }

        return results;
    }
}
