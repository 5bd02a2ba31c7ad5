using System.Diagnostics;
using System.Text.Json;
using Forge.Grains.Tests.PostgreSql;
using Forge.Grains.Tests.Sqlite;

namespace Forge.Grains.Tests.Processes;

/// <summary>The agent of <c>samples/agent-loop</c>, killed at instants that chance says and started again until it is done.</summary>
public sealed class AgentLoopTests
{
    private const int Orders = 4;
    private const int Kills = 6;

    /// <summary>Beside the tests', built with them and as they are.</summary>
    private static readonly string Agent = Path.Combine(
        AppContext.BaseDirectory.Replace(
            Path.Combine("Forge.Grains.Tests", "bin"), Path.Combine("samples", "agent-loop", "bin"), StringComparison.Ordinal),
        "agent-loop.dll");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kill_OfAnAgentAtAnyInstant_Sqlite_PlacesEachOrderOnceOrReportsItAsUnknown()
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SiloProcess.StartAsync("--Forge:Data", Path.Combine(folder.Path, "data"));

        await RunAsync(silo, folder.Path);
    }

    [Fact]
    public async Task Kill_OfAnAgentAtAnyInstant_PostgreSql_PlacesEachOrderOnceOrReportsItAsUnknown()
    {
        using var folder = new TemporaryFolder();
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await using (var silo = await SiloProcess.StartAsync("--Forge:Database", "PostgreSql", "--ConnectionStrings:Forge", database))
        {
            await RunAsync(silo, folder.Path);
        }

        await PostgreSqlServer.Shared.DropDatabaseAsync(database);
    }

    private static async Task RunAsync(SiloProcess silo, string folder)
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        var said = new List<string>();
        for (var kill = 0; ; kill++)
        {
            // It is done in time if it is not killed any more.
            var time = kill < Kills ? TimeSpan.FromMilliseconds(random.Next(300, 2000)) : TimeSpan.FromMinutes(2);
            if (await StartAsync(silo, folder, time, said))
            {
                break;
            }

            Assert.True(kill < Kills, $"The agent did not come to its end: {string.Join("; ", said)}");
        }

        var items = Enumerable.Range(1, Orders).Select(i => $"item-{i}").ToList();
        var unknown = said.Where(line => line.StartsWith("unknown order-", StringComparison.Ordinal)).Select(line => line["unknown order-".Length..]).ToHashSet();
        var placed = (await File.ReadAllLinesAsync(Path.Combine(folder, "orders.jsonl"), Cancel))
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("Item").GetString()!).ToList();
        Assert.Equal(placed.Distinct(), placed);
        Assert.All(items, item => Assert.True(placed.Contains(item) || unknown.Contains(item), item));
        Assert.All(placed, item => Assert.Contains(item, items));
        Assert.Contains(said, line => line.StartsWith("finished after", StringComparison.Ordinal));
    }

    /// <summary>True if the agent came to its end within the time; else it is killed.</summary>
    private static async Task<bool> StartAsync(SiloProcess silo, string folder, TimeSpan time, List<string> said)
    {
        using var agent = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                Agent, $"127.0.0.1:{silo.GatewayPort}", "agent", folder, $"{Orders}",
            },
            RedirectStandardOutput = true,
        })!;
        var output = agent.StandardOutput.ReadToEndAsync(Cancel);
        var isOver = true;
        try
        {
            await agent.WaitForExitAsync(Cancel).WaitAsync(time, Cancel);
        }
        catch (TimeoutException)
        {
            isOver = false;
            agent.Kill();
            await agent.WaitForExitAsync(Cancel);
        }

        said.AddRange((await output).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.True(!isOver || agent.ExitCode == 0, $"The agent ended with {agent.ExitCode}.");
        return isOver;
    }
}
