using System.Text.Json;
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
        var check = await ProgramRun.RunAsync(Folder, [], "npm", "run", "check");
        Assert.True(check?.Status == 0, check?.Output);
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
