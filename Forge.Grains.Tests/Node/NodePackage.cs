using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Grains.Tests.Processes;
using Forge.Grains.Tests.Rpc;

namespace Forge.Grains.Tests.Node;

/// <summary>An npm package of ours, whose own tests are run by Node against a silo.</summary>
/// <param name="Name">The folder of the package, below <c>clients</c>.</param>
internal sealed record NodePackage(string Name)
{
    private string Folder => Path.Combine(AppContext.BaseDirectory, "clients", Name);

    /// <summary>
    /// Checks the types of the package and runs its tests. Without Node or a registry to have its packages from, the test that called this is skipped;
    /// it fails without Node under <c>CI=true</c>.
    /// </summary>
    /// <returns>What became of each file of tests; all of them passed.</returns>
    public async Task<IReadOnlyList<NodeTests>> RunTestsAsync()
    {
        await NodePrograms.RequirePackagesAsync(Folder);
        await RunOrFailAsync(Folder, "npm", "run", "check");
        await using var host = await RpcHost.StartAsync();
        var report = Path.Combine(Folder, "report.json");
        File.Delete(report);

        var run = await ProgramRun.RunAsync(
            Folder, [("FORGE_URL", host.Root.ToString())], "npx", "--no-install", "vitest", "run", "--reporter=json", $"--outputFile={report}");

        Assert.True(File.Exists(report), run?.Output);
        using var told = JsonDocument.Parse(await File.ReadAllBytesAsync(report, TestContext.Current.CancellationToken));
        var results = told.RootElement.GetProperty("testResults").EnumerateArray().ToArray();
        var failures = results.SelectMany(FailuresOf).ToArray();
        Assert.True(failures.Length == 0, string.Join('\n', failures));
        Assert.True(run?.Status == 0, run?.Output);
        return [.. results.Select(file => new NodeTests(
            Path.GetFileName(file.GetProperty("name").GetString()!), file.GetProperty("assertionResults").EnumerateArray().Count(HasPassed)))];
    }

    /// <summary>
    /// Packs the package as it would be published, and installs that and what else a sample needs into a folder of the sample's own, which owes
    /// nothing to ours. Skips the test as <see cref="RunTestsAsync"/> does.
    /// </summary>
    /// <param name="folder">The folder, which is empty.</param>
    public async Task InstallIntoSampleAsync(string folder)
    {
        await NodePrograms.RequirePackagesAsync(Folder);
        await RunOrFailAsync(Folder, "npm", "run", "build");
        var packed = Directory.CreateDirectory(Path.Combine(folder, "packed")).FullName;
        await RunOrFailAsync(Folder, "npm", "pack", "--pack-destination", packed);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "samples", Name)))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        var described = Path.Combine(folder, "package.json");
        var package = JsonNode.Parse(await File.ReadAllTextAsync(described, TestContext.Current.CancellationToken))!.AsObject();
        package.Remove("scripts");
        package["dependencies"]![$"forge-{Name}"] = $"file:{Directory.EnumerateFiles(packed, "*.tgz").Single()}";
        await File.WriteAllTextAsync(described, package.ToJsonString(), TestContext.Current.CancellationToken);
        if (await ProgramRun.RunAsync(folder, [], "npm", "install", "--omit=optional", "--no-audit", "--no-fund") is not { Status: 0 })
        {
            Assert.Skip($"The packages of the sample of {Name} cannot be had.");
        }
    }

    /// <summary>Runs a program of a sample, which is to end well, and answers what it wrote.</summary>
    /// <param name="folder">Where the sample is installed.</param>
    /// <param name="forge">The silo.</param>
    /// <param name="arguments">The program and its arguments.</param>
    public static async Task<string> RunSampleAsync(string folder, Uri forge, params string[] arguments)
    {
        var run = await ProgramRun.RunAsync(folder, [("FORGE_URL", forge.ToString())], "node", arguments);
        Assert.True(run is { Status: 0 }, run?.Output);
        return run!.Output;
    }

    private static async Task RunOrFailAsync(string folder, string program, params string[] arguments)
    {
        var run = await ProgramRun.RunAsync(folder, [], program, arguments);
        Assert.True(run is { Status: 0 }, run?.Output);
    }

    private static IEnumerable<string> FailuresOf(JsonElement file)
    {
        var name = Path.GetFileName(file.GetProperty("name").GetString());
        if (file.GetProperty("message").GetString() is { Length: > 0 } message)
        {
            yield return $"{name}: {message}";
        }

        foreach (var test in file.GetProperty("assertionResults").EnumerateArray().Where(test => !HasPassed(test)))
        {
            yield return $"{name}: {test.GetProperty("fullName").GetString()}: {test.GetProperty("failureMessages")}";
        }
    }

    // One that is skipped has not passed.
    private static bool HasPassed(JsonElement test) => test.GetProperty("status").GetString() == "passed";
}

/// <summary>A file of tests that Node has run.</summary>
/// <param name="File">Its name, without its folder.</param>
/// <param name="Passed">How many of its tests passed.</param>
internal sealed record NodeTests(string File, int Passed);
