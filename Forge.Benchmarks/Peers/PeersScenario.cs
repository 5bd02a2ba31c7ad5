using System.Globalization;
using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;
using Forge.Benchmarks.Transcripts;

namespace Forge.Benchmarks.Peers;

/// <summary>
/// The same steps saved through others, by twenty callers with a session each: conversations that grow to 60 KB, as agents
/// have them, and states of 2 KB of JSON that have nothing to do with the ones before.
/// </summary>
internal sealed class PeersScenario : IScenario
{
    private const string ForgeConversation = "peers.forge.conversation";
    private const string LangGraphConversation = "peers.langgraph.conversation";
    private const string ForgeSmall = "peers.forge.2KB";
    private const string LangGraphSmall = "peers.langgraph.2KB";
    private const string AgentFrameworkSmall = "peers.agent-framework.2KB";

    /// <summary>The steps of a conversation, of about 600 bytes each.</summary>
    private const int Steps = 100;

    private static readonly string[] Sides = [ForgeConversation, LangGraphConversation, ForgeSmall, LangGraphSmall, AgentFrameworkSmall];

    private static readonly Shape Load = new(20, 20);

    public string Name => "peers";

    public string Summary => "the same steps saved through other checkpoint stores";

    public async Task RunAsync(BenchmarkRun run)
    {
        if (Sides.Any(run.Arguments.Wants))
        {
            await PutsAsync(run);
        }

        await SaverComparison.RunAsync(run);
    }

    private static async Task PutsAsync(BenchmarkRun run)
    {
        var plan = run.Rounds(5, 3);
        var states = new StatePool(2048, StateKind.Json);
        var conversation = MadeConversation.Make(Steps);
        var (small, large) = (await SaveAsync(run, states.ToJson()), await SaveAsync(run, conversation));
        await using var remote = await RemoteForge.StartAsync(SiloSettings.PostgreSql(await run.PostgreSql.CreateDatabaseAsync()));
        List<Side> sides =
        [
            new ForgeConversations(ForgeConversation, remote, Load.Callers, Transcript.Of("made", conversation)) { IsCompiledAsItRuns = true },
            new ForgeAppend(ForgeSmall, remote, Load, states) { IsCompiledAsItRuns = true },
        ];
        await AddAsync(run, sides, LangGraphConversation, () => LangGraphAsync(run, large));
        await AddAsync(run, sides, LangGraphSmall, () => LangGraphAsync(run, small));
        await AddAsync(run, sides, AgentFrameworkSmall, () => AgentFrameworkAsync(run));
        await new Contest(run, "peers", plan) { Unit = "puts/s" }.RunAsync(sides);
        run.Report.AddRatio("peers.langgraph", ForgeConversation, LangGraphConversation);
        run.Report.AddRatio("peers.langgraph.2KB", ForgeSmall, LangGraphSmall);
        run.Report.AddRatio("peers.agent-framework.2KB", ForgeSmall, AgentFrameworkSmall);
    }

    private static async Task<string> SaveAsync(BenchmarkRun run, byte[] steps)
    {
        var file = Path.Combine(run.NewFolder(), "steps.json");
        await File.WriteAllBytesAsync(file, steps);
        return file;
    }

    private static async Task AddAsync(BenchmarkRun run, List<Side> sides, string name, Func<Task<PeerProgram>> start)
    {
        if (!run.Arguments.Wants(name))
        {
            return;
        }

        try
        {
            run.Progress.Expect(1);
            await run.Progress.StepAsync($"peers: install {name}", async () => sides.Add(new PeerSide(name, await start())));
        }
        catch (PeerMissingException exception)
        {
            run.Report.Note($"{name} was left out: {exception.Message}");
        }
    }

    private static async Task<PeerProgram> LangGraphAsync(BenchmarkRun run, string steps) => await PeerSources.StartLangGraphAsync(
        run, await run.PostgreSql.CreateDatabaseAsync(), "puts.mjs", Text(Load.Callers), steps);

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
