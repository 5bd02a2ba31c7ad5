using System.Collections.Concurrent;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Tests.Sessions;
using Forge.Sessions;

namespace Forge.Grains.Tests.PostgreSql;

/// <summary>Faults that need a cluster database: two activations of one session at once, and a server that goes away.</summary>
public sealed class PostgreSqlClusterFaultTests
{
    [Fact]
    public async Task TwoActivations_WritingOneSession_NothingAcknowledgedIsLost()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        // Two clusters that know nothing of each other each activate the session: what Orleans' directory allows for a moment.
        await using (var one = await ForgeCluster.StartAsync(new ClusterSetup(1, PostgreSqlClusterFixture.On(database))))
        await using (var two = await ForgeCluster.StartAsync(new ClusterSetup(1, PostgreSqlClusterFixture.On(database))))
        {
            var acknowledged = new ConcurrentBag<CheckpointSummary>();
            var refused = 0;
            async Task WriteAsync(ISessionGrain session, string who)
            {
                for (var i = 0; i < 50; i++)
                {
                    var request = Make.Checkpoint($"{who} {i}") with { IdempotencyKey = $"{who} {i}" };
                    for (CreateResult? result = null; result is null;)
                    {
                        try
                        {
                            result = await session.CreateAsync(request);
                            acknowledged.Add(result.Checkpoint!);
                            var latest = await session.GetSummaryAsync(CheckpointReference.Latest);
                            Assert.True(latest!.Sequence >= result.Checkpoint!.Sequence, "a read did not see an acknowledged write");
                        }
                        catch (ForgeException exception) when (exception is SessionMovedException or BusyException)
                        {
                            Interlocked.Increment(ref refused);
                        }
                    }
                }
            }

            await Task.WhenAll(
                WriteAsync(one.Session("s"), "one a"), WriteAsync(one.Session("s"), "one b"),
                WriteAsync(two.Session("s"), "two a"), WriteAsync(two.Session("s"), "two b"));

            var all = await one.Session("s").AllAsync();
            Assert.Equal(Enumerable.Range(1, 200).Select(i => (long)i), all.Select(c => c.Sequence));
            Assert.Equal(all.ToDictionary(c => c.Id, c => c.Sequence), acknowledged.ToDictionary(c => c.Id, c => c.Sequence));
            Assert.Equal(all.Select(c => c.Id), (await two.Session("s").AllAsync()).Select(c => c.Id));
            Assert.True(refused > 0, "the two never met, so the test shows nothing");
        }

        await PostgreSqlServer.Shared.DropDatabaseAsync(database);
    }

    [Fact]
    public async Task Database_KilledAndStartedAgain_IsSurvived()
    {
        await using var server = PostgreSqlServer.StartPrivate();
        var database = await server.CreateDatabaseAsync();
        await using var forge = await ForgeCluster.StartAsync(new ClusterSetup(2, PostgreSqlClusterFixture.On(database)));
        var session = forge.Session("s");
        await session.CreateAsync("1");
        server.Kill();

        var errors = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Record.ExceptionAsync(() => session.CreateAsync($"lost {i}")).AsTask()));
        Assert.All(errors, error => Assert.True(error is UnavailableException or OutcomeUnknownException, $"{error}"));
        Assert.True(await Record.ExceptionAsync(() => session.GetInfoAsync()) is UnavailableException);
        server.Start();

        // The first call on each old connection may find it dead.
        var next = await UntilItAnswersAsync(() => session.CreateAsync("2"));
        Assert.Equal(2, next.Sequence);
        Assert.Equal(["1", "2"], (await session.AllAsync()).Select(c => c.Message));
    }

    private static async Task<T> UntilItAnswersAsync<T>(Func<Task<T>> call)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (ForgeException exception) when (exception.IsTransient && attempt < 20)
            {
                await Task.Yield();
            }
        }
    }
}
