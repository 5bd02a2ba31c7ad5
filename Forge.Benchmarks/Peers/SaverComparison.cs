using System.Text.Json;
using Forge.Benchmarks.Databases;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;
using Forge.Benchmarks.Transcripts;
using HttpSilo = Forge.Testing.Processes.SiloProcess;

namespace Forge.Benchmarks.Peers;

/// <summary>
/// A conversation of 500 steps through both savers of LangGraph.js, one that has Forge behind it by HTTP and one that writes PostgreSQL itself,
/// on one server: what a call takes, what is sent, and what the database grows by.
/// </summary>
internal static class SaverComparison
{
    public const string Prefix = "peers.saver";

    private const int Steps = 500;
    private const int Rounds = 3;

    private static readonly string[] Calls = ["put", "latest", "list"];

    /// <summary>Runs, validates and reports, or notes why it cannot be done here.</summary>
    public static async Task RunAsync(BenchmarkRun run)
    {
        if (!run.Arguments.WantsAny(Prefix))
        {
            return;
        }

        var rounds = run.Arguments.Rounds ?? Rounds;
        run.Progress.Expect(1 + (2 * (rounds + 1)));
        try
        {
            string? folder = null;
            await run.Progress.StepAsync("savers: install them", async () => folder = await InstallAsync(run));
            await MeasureAsync(run, folder!, rounds);
        }
        catch (PeerMissingException exception)
        {
            run.Report.Note($"{Prefix} was left out: {exception.Message}");
        }
    }

    private static async Task MeasureAsync(BenchmarkRun run, string folder, int rounds)
    {
        var history = Path.Combine(run.NewFolder(), "history.json");
        await File.WriteAllBytesAsync(history, MadeConversation.Make(Steps));
        var (ours, theirs) = (await run.PostgreSql.CreateDatabaseAsync(), await run.PostgreSql.CreateDatabaseAsync());
        await using var silo = await HttpSilo.StartAsync(SiloSettings.PostgreSql(ours).Arguments());
        await using var forge = await PeerProgram.StartAsync(folder, "node", "saver.mjs", "forge", silo.Client.BaseAddress!.ToString());
        await using var postgres = await PeerProgram.StartAsync(folder, "node", "saver.mjs", "postgres", PeerSources.UrlOf(theirs));
        Saver[] savers = [new("forge", forge, ours), new("postgres", postgres, theirs)];
        foreach (var saver in savers)
        {
            // The first conversation warms its program up, and is what is weighed.
            await run.Progress.StepAsync($"savers: weigh {saver.Name}", () => WeighAsync(run, saver, history));
        }

        for (var round = 0; round < rounds; round++)
        {
            foreach (var saver in round % 2 == 0 ? savers : savers.Reverse())
            {
                await run.Progress.StepAsync($"savers: round {round + 1} of {rounds}, {saver.Name}", () => saver.TimeAsync($"timed-{round}", history));
            }
        }

        foreach (var call in Calls)
        {
            foreach (var saver in savers)
            {
                run.Report.AddSamples($"{Prefix}.{saver.Name}.{call}", "ms", saver.Times[call]);
            }

            run.Report.AddRatio($"{Prefix}.{call}", $"{Prefix}.forge.{call}", $"{Prefix}.postgres.{call}");
        }

        run.Report.AddRatio($"{Prefix}.sent", $"{Prefix}.forge.sent", $"{Prefix}.postgres.sent");
        run.Report.AddRatio($"{Prefix}.stored", $"{Prefix}.forge.stored", $"{Prefix}.postgres.stored");
    }

    private static async Task WeighAsync(BenchmarkRun run, Saver saver, string history)
    {
        var before = await HistorySize.PostgreSqlAsync(saver.Database);
        var answer = await saver.Program.AskAsync(JsonSerializer.Serialize(new { thread = "weighed", file = history, count = true }));
        run.Report.Add($"{Prefix}.{saver.Name}.sent", "bytes", answer.GetProperty("sent").GetDouble());
        run.Report.Add($"{Prefix}.{saver.Name}.stored", "bytes", await HistorySize.PostgreSqlAsync(saver.Database) - before);
    }

    /// <summary>Builds our saver's package from the sources beside this program, and installs both.</summary>
    private static async Task<string> InstallAsync(BenchmarkRun run)
    {
        var sources = RepositoryFolder.Find("clients") ?? throw new PeerMissingException("The sources of clients/langgraph are not here.");
        var copy = run.NewFolder();
        foreach (var client in new[] { "langgraph", "http" })
        {
            Copy(new DirectoryInfo(Path.Combine(sources, client)), Directory.CreateDirectory(Path.Combine(copy, client)));
        }

        var ours = Path.Combine(copy, "langgraph");
        await PeerProgram.RunAsync(ours, "npm", "ci", "--no-audit", "--no-fund");
        await PeerProgram.RunAsync(ours, "npm", "run", "build");
        await PeerProgram.RunAsync(ours, "npm", "pack", "--pack-destination", copy);
        var folder = await PeerSources.UnpackAsync(run, "LangGraph", "package.json", "conversation.mjs", "saver.mjs");
        await PeerProgram.RunAsync(
            folder, "npm", "install", "--no-audit", "--no-fund", "--package-lock=false", Directory.EnumerateFiles(copy, "*.tgz").Single());
        return folder;
    }

    private static void Copy(DirectoryInfo from, DirectoryInfo to)
    {
        foreach (var file in from.EnumerateFiles())
        {
            file.CopyTo(Path.Combine(to.FullName, file.Name));
        }

        foreach (var folder in from.EnumerateDirectories().Where(folder => folder.Name is not ("node_modules" or "dist")))
        {
            Copy(folder, to.CreateSubdirectory(folder.Name));
        }
    }

    /// <summary>One of the savers, and the milliseconds that its calls took.</summary>
    private sealed record Saver(string Name, PeerProgram Program, string Database)
    {
        public Dictionary<string, List<double>> Times { get; } = Calls.ToDictionary(call => call, _ => new List<double>());

        public async Task TimeAsync(string thread, string history)
        {
            var answer = await Program.AskAsync(JsonSerializer.Serialize(new { thread, file = history, count = false }));
            foreach (var call in Calls)
            {
                Times[call].AddRange(answer.GetProperty(call).EnumerateArray().Select(time => time.GetDouble()));
            }
        }
    }
}
