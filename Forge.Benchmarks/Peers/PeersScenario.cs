using System.Globalization;
using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;

namespace Forge.Benchmarks.Peers;

/// <summary>The same steps saved through others: twenty sessions with a caller each, states of 2 KB of JSON.</summary>
internal sealed class PeersScenario : IScenario
{
    private const string ForgeName = "peers.forge.puts";
    private const string LangGraphName = "peers.langgraph.puts";
    private const string AgentFrameworkName = "peers.agent-framework.puts";

    private static readonly Shape Load = new(20, 20);

    public string Name => "peers";

    public string Summary => "the same steps saved through other checkpoint stores";

    public async Task RunAsync(BenchmarkRun run)
    {
        var plan = run.Rounds(5, 3);
        var states = new StatePool(2048, StateKind.Json);
        await using var remote = await RemoteForge.StartAsync(SiloSettings.PostgreSql(await run.PostgreSql.CreateDatabaseAsync()));
        List<Side> sides = [new ForgeAppend(ForgeName, remote, Load, states) { IsCompiledAsItRuns = true }];
        await AddAsync(run, sides, LangGraphName, LangGraphAsync);
        await AddAsync(run, sides, AgentFrameworkName, AgentFrameworkAsync);
        await new Contest(run, "peers", plan) { Unit = "puts/s" }.RunAsync(sides);
        run.Report.AddRatio("peers.langgraph", ForgeName, LangGraphName);
        run.Report.AddRatio("peers.agent-framework", ForgeName, AgentFrameworkName);
    }

    private static async Task AddAsync(BenchmarkRun run, List<Side> sides, string name, Func<BenchmarkRun, Task<PeerProgram>> start)
    {
        if (!run.Arguments.Wants(name))
        {
            return;
        }

        try
        {
            run.Progress.Expect(1);
            await run.Progress.StepAsync($"peers: install {name}", async () => sides.Add(new PeerSide(name, await start(run))));
        }
        catch (PeerMissingException exception)
        {
            run.Report.Note($"{name} was left out: {exception.Message}");
        }
    }

    private static async Task<PeerProgram> LangGraphAsync(BenchmarkRun run) => await PeerSources.StartLangGraphAsync(
        run, await run.PostgreSql.CreateDatabaseAsync(), "puts.mjs", Text(Load.Callers), Text(2048));

    private static async Task<PeerProgram> AgentFrameworkAsync(BenchmarkRun run)
    {
        var folder = await PeerSources.UnpackAsync(run, "AgentFramework", "Puts.csproj", "Puts.cs");
        await PeerProgram.RunAsync(folder, "dotnet", "build", "-c", "Release", "-o", "out");
        run.Report.Note(
            "The file store of Microsoft.Agents.AI.Workflows writes a file and a line of an index for each put, and does not wait for " +
            "the disk: what it acknowledges, a crash of the machine can lose. Its callers take turns, since it breaks when two call at " +
            "once. Forge and PostgresSaver wait for the database's log.");
        return await PeerProgram.StartAsync(
            folder, "dotnet", Path.Combine("out", "Puts.dll"), run.NewFolder(), Text(Load.Callers), Text(2048));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
