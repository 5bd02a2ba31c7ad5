using System.Net;
using Forge.AgentFramework.Workflows;
using Forge.Checkpoints;
using Forge.Client;
using Forge.Grains.Tests.PostgreSql;
using Forge.Grains.Tests.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Forge.Grains.Tests.Processes;

/// <summary>The samples of <c>samples/agent-framework</c>, each run a process of its own, over a silo that is another.</summary>
public sealed class AgentFrameworkTests
{
    private const int Sessions = 20;
    private const int Steps = 50;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kill_OfAWorkflowAfterASuperstep_GoesOnInAnotherProcess()
    {
        await OnSqliteAsync(async silo =>
        {
            foreach (var mode in new[] { "lockstep", "off-thread" })
            {
                var killed = await AgentFrameworkSample.RunAsync([Gateway(silo), "count", mode, "200", mode], killAfter: 7);
                var resumed = await AgentFrameworkSample.RunAsync([Gateway(silo), "count", mode, "200", mode]);

                Assert.Null(killed.ExitCode);
                Assert.Equal(0, resumed.ExitCode);
                Assert.DoesNotContain(killed.Lines, line => line.StartsWith("done", StringComparison.Ordinal));
                Assert.Equal($"done {mode} 20100", resumed.Lines.Single(line => line.StartsWith("done", StringComparison.Ordinal)));
                Assert.Empty(Saved(killed.Lines).Intersect(Saved(resumed.Lines)));
            }
        });
    }

    [Fact]
    public async Task Approve_InAnotherProcessThanItWasAsked_GoesOnWithTheAnswer()
    {
        await OnSqliteAsync(async silo =>
        {
            var asked = await AgentFrameworkSample.RunAsync([Gateway(silo), "approve", "order"]);
            var askedAgain = await AgentFrameworkSample.RunAsync([Gateway(silo), "approve", "order"]);
            var answered = await AgentFrameworkSample.RunAsync([Gateway(silo), "approve", "order", "yes"]);

            Assert.Contains("asks order Shall a house be bought?", asked.Lines);
            Assert.Contains("asks order Shall a house be bought?", askedAgain.Lines);
            Assert.Contains("done order bought", answered.Lines);
            Assert.Equal((0, 0, 0), (asked.ExitCode, askedAgain.ExitCode, answered.ExitCode));
        });
    }

    [Fact]
    public async Task Kill_OfAFanOutBetweenItsParts_GoesOnInAnotherProcess()
    {
        await OnSqliteAsync(async silo =>
        {
            const string Text = "the quick brown fox jumps over the lazy dog";
            var killed = await AgentFrameworkSample.RunAsync([Gateway(silo), "fan-out", "text", Text], killAfter: 1);
            var resumed = await AgentFrameworkSample.RunAsync([Gateway(silo), "fan-out", "text", Text]);

            Assert.Null(killed.ExitCode);
            Assert.Contains("done text 35 letters in 9 words", killed.Lines.Concat(resumed.Lines));
        });
    }

    [Fact]
    public async Task Chat_TurnByTurnInProcessesOfTheirOwn_GoesOnWithTheSessionOfTheUser()
    {
        await OnSqliteAsync(async silo =>
        {
            var said = new List<string>();
            foreach (var (user, message) in new[] { ("ann", "hello"), ("ann", "again"), ("bob", "hello"), ("ann", "bye") })
            {
                said.AddRange((await AgentFrameworkSample.RunAsync([Gateway(silo), "chat", user, "talk", message])).Lines);
            }

            Assert.Equal(["answer hello (1)", "answer again (3)", "answer hello (1)", "answer bye (5)"], said);
        });
    }

    [Fact]
    public Task Kill_OfManyWorkflowsAtOnce_Sqlite_LosesNoCheckpointAndNoOrder() => OnSqliteAsync(KillManyAsync);

    [Fact]
    public async Task Kill_OfManyWorkflowsAtOnce_PostgreSql_LosesNoCheckpointAndNoOrder()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await using (var silo = await SiloProcess.StartAsync("--Forge:Database", "PostgreSql", "--ConnectionStrings:Forge", database))
        {
            await KillManyAsync(silo);
        }

        await PostgreSqlServer.Shared.DropDatabaseAsync(database);
    }

    /// <summary>The same without a kill on the framework's own store of files, which is not made for it and does not say so.</summary>
    [Fact]
    public async Task Framework_ManyWorkflowsAtOnceOnItsFileStore_AreAllDoneAndCannotBeReadAgain()
    {
        using var folder = new TemporaryFolder();
        string[] words = [$"files:{folder.Path}", "many", $"{Sessions}", $"{Steps}"];

        var run = await AgentFrameworkSample.RunAsync(words);
        var again = await AgentFrameworkSample.RunAsync(words);

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(Sessions * Steps, Saved(run.Lines).Count());
        Assert.NotEqual(0, again.ExitCode);
        Assert.Empty(again.Lines);
    }

    private static async Task KillManyAsync(SiloProcess silo)
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        var told = new List<string>();
        string[] words = [Gateway(silo), "many", $"{Sessions}", $"{Steps}"];
        for (var kill = 0; kill < 3; kill++)
        {
            var killed = await AgentFrameworkSample.RunAsync(words, killAfter: random.Next(1, Sessions * Steps / 10));
            Assert.Null(killed.ExitCode);
            told.AddRange(killed.Lines);
        }

        var last = await AgentFrameworkSample.RunAsync(words);
        told.AddRange(last.Lines);

        Assert.Equal(0, last.ExitCode);
        using var host = await ConnectAsync(silo);
        var store = new ForgeCheckpointStore(host.Services.GetRequiredService<IForgeClient>());
        for (var i = 1; i <= Sessions; i++)
        {
            var session = $"many-{i}";
            var index = (await store.RetrieveIndexAsync(session)).Select(key => key.CheckpointId).ToList();
            var acknowledged = Saved(told).Where(saved => saved.Session == session).Select(saved => saved.Id).ToList();
            Assert.Equal(Steps, index.Count);
            Assert.Equal(acknowledged, index.Where(acknowledged.Contains));

            // Each follows the one before: nothing was made twice.
            var summaries = await store.Session(session).ListAsync(new CheckpointQuery { Order = ListOrder.OldestFirst }, Cancel).ToListAsync(Cancel);
            Assert.Equal(Enumerable.Range(0, Steps).Select(n => (long)n), summaries.Select(summary => summary.Parent ?? 0));
            Assert.True((await store.Session(session).VerifyAsync(cancellationToken: Cancel)).IsIntact);
        }

        await host.StopAsync(Cancel);
    }

    private static async Task OnSqliteAsync(Func<SiloProcess, Task> test)
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SiloProcess.StartAsync("--Forge:Data", Path.Combine(folder.Path, "data"));
        await test(silo);
    }

    private static async Task<IHost> ConnectAsync(SiloProcess silo)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddForgeClient(options => options.Gateways.Add(Gateway(silo)));
        var host = builder.Build();
        await host.StartAsync(Cancel);
        return host;
    }

    private static string Gateway(SiloProcess silo) => new IPEndPoint(IPAddress.Loopback, silo.GatewayPort).ToString();

    /// <summary>What a process told of as saved, in the order in which it did.</summary>
    private static IEnumerable<(string Session, string Id)> Saved(IEnumerable<string> lines) =>
        lines.Select(line => line.Split(' ')).Where(words => words is ["saved", _, _]).Select(words => (words[1], words[2]));
}
