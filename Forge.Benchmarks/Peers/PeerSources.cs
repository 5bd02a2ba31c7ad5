using System.Globalization;
using System.Reflection;
using Forge.Benchmarks.Runs;
using Npgsql;

namespace Forge.Benchmarks.Peers;

/// <summary>The peers' sources, which travel inside this program so that they are built in a folder that owes nothing to ours.</summary>
internal static class PeerSources
{
    /// <summary>Writes sources into a new folder and says which.</summary>
    public static async Task<string> UnpackAsync(BenchmarkRun run, string peer, params string[] files)
    {
        var folder = run.NewFolder();
        foreach (var file in files)
        {
            await using var source = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{peer}/{file}")
                ?? throw new InvalidOperationException($"{peer}/{file} is not in the program.");
            await using var target = File.Create(Path.Combine(folder, file));
            await source.CopyToAsync(target);
        }

        return folder;
    }

    /// <summary>Installs LangGraph.js with a program of ours in a new folder and says which.</summary>
    /// <exception cref="PeerMissingException">Node is missing, or its packages cannot be had.</exception>
    public static async Task<string> InstallLangGraphAsync(BenchmarkRun run, string program)
    {
        var folder = await UnpackAsync(run, "LangGraph", "package.json", "conversation.mjs", program);
        await PeerProgram.RunAsync(folder, "npm", "install", "--no-audit", "--no-fund", "--package-lock=false");
        return folder;
    }

    /// <summary>Starts a program where it is installed, with the address of a database before its other arguments.</summary>
    /// <exception cref="PeerMissingException">The program fails.</exception>
    public static Task<PeerProgram> StartLangGraphAsync(string folder, string database, string program, params string[] arguments) =>
        PeerProgram.StartAsync(folder, "node", [program, UrlOf(database), .. arguments]);

    /// <summary>The address of a database, as programs of Node are given it.</summary>
    public static string UrlOf(string database)
    {
        var place = new NpgsqlConnectionStringBuilder(database);
        return string.Create(CultureInfo.InvariantCulture, $"postgresql://{place.Username}@{place.Host}:{place.Port}/{place.Database}");
    }

    /// <summary>Installs and starts.</summary>
    /// <exception cref="PeerMissingException">Node is missing, its packages cannot be had, or the program fails.</exception>
    public static async Task<PeerProgram> StartLangGraphAsync(BenchmarkRun run, string database, string program, params string[] arguments) =>
        await StartLangGraphAsync(await InstallLangGraphAsync(run, program), database, program, arguments);
}
