using System.Text.Json;
using Forge.Grains.Tests.Processes;
using Forge.Grains.Tests.Rpc;

namespace Forge.Grains.Tests.LangGraph;

/// <summary>The checkpoint saver for LangGraph.js, whose own tests are run by Node against a silo.</summary>
public sealed class LangGraphSaverTests
{
    /// <summary>What the validation suite of LangGraph has at the version that the saver pins.</summary>
    private const int Validations = 726;

    private static readonly string Package = Path.Combine(AppContext.BaseDirectory, "clients", "langgraph");

    [Fact]
    public async Task Saver_RunByNode_PassesItsTestsAndTheValidationSuiteWhole()
    {
        await NodeRun.RequirePackagesAsync(Package);
        var check = await NodeRun.RunAsync(Package, [], "npm", "run", "check");
        Assert.True(check?.Status == 0, check?.Output);
        await using var host = await RpcHost.StartAsync();
        var report = Path.Combine(Package, "report.json");
        File.Delete(report);

        var run = await NodeRun.RunAsync(
            Package, [("FORGE_URL", host.Root.ToString())], "npx", "--no-install", "vitest", "run", "--reporter=json", $"--outputFile={report}");

        Assert.True(File.Exists(report), run?.Output);
        using var told = JsonDocument.Parse(await File.ReadAllBytesAsync(report, TestContext.Current.CancellationToken));
        var results = told.RootElement.GetProperty("testResults").EnumerateArray().ToArray();
        var failures = results.SelectMany(FailuresOf).ToArray();
        Assert.True(failures.Length == 0, string.Join('\n', failures));
        Assert.True(run?.Status == 0, run?.Output);
        var validations = results.Single(result => result.GetProperty("name").GetString()!.EndsWith("/validation.test.ts", StringComparison.Ordinal));
        Assert.Equal(Validations, validations.GetProperty("assertionResults").EnumerateArray().Count(HasPassed));
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
