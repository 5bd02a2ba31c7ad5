using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Forge.Grains.Tests.Rpc;

namespace Forge.Grains.Tests.LangGraph;

/// <summary>The checkpoint saver for LangGraph.js, whose own tests are run by Node against a silo.</summary>
public sealed class LangGraphSaverTests
{
    /// <summary>The first version of Node that its tools run on.</summary>
    private const int First = 20;

    /// <summary>What the validation suite of LangGraph has at the version that the saver pins.</summary>
    private const int Validations = 726;

    private static readonly string Package = Path.Combine(AppContext.BaseDirectory, "clients", "langgraph");

    [Fact]
    public async Task Saver_RunByNode_PassesItsTestsAndTheValidationSuiteWhole()
    {
        if (await RunAsync("node", null, "--version") is not { Status: 0, Output: ['v', .. var version] }
            || int.Parse(version.Split('.')[0], CultureInfo.InvariantCulture) < First)
        {
            Miss($"Node {First} or later is not installed.");
            return;
        }

        if (await RunAsync("npm", null, "ci", "--no-audit", "--no-fund") is not { Status: 0 })
        {
            // Nothing of ours is wrong where there is no registry.
            Assert.Skip("The packages of the saver cannot be had.");
        }

        var check = await RunAsync("npm", null, "run", "check");
        Assert.True(check?.Status == 0, check?.Output);
        await using var host = await RpcHost.StartAsync();
        var report = Path.Combine(Package, "report.json");
        File.Delete(report);

        var run = await RunAsync(
            "npx", host.Root, "--no-install", "vitest", "run", "--reporter=json", $"--outputFile={report}");

        Assert.True(File.Exists(report), run?.Output);
        using var told = JsonDocument.Parse(await File.ReadAllBytesAsync(report, TestContext.Current.CancellationToken));
        var results = told.RootElement.GetProperty("testResults").EnumerateArray().ToArray();
        var failures = results.SelectMany(FailuresOf).ToArray();
        Assert.True(failures.Length == 0, string.Join('\n', failures));
        Assert.True(run?.Status == 0, run?.Output);
        var validations = results.Single(result => result.GetProperty("name").GetString()!.EndsWith("/validation.test.ts", StringComparison.Ordinal));
        Assert.Equal(Validations, validations.GetProperty("assertionResults").EnumerateArray().Count(HasPassed));
    }

    private static void Miss(string reason)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", reason);
        Assert.Fail($"{reason} CI has to run this.");
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

    /// <summary>What a program in the folder of the package wrote; null if there is no such program.</summary>
    private static async Task<ProgramRun?> RunAsync(string program, Uri? forge, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Package,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (forge is not null)
        {
            start.Environment["FORGE_URL"] = forge.ToString();
        }

        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception)
        {
            // It is not on the path.
            return null;
        }

        using (process!)
        {
            try
            {
                var error = process!.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
                var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
                await process.WaitForExitAsync(TestContext.Current.CancellationToken);
                return new ProgramRun(process.ExitCode, $"{output.Trim()}{await error}");
            }
            finally
            {
                if (!process!.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
    }

    /// <summary>What became of a program.</summary>
    /// <param name="Status">Its exit status.</param>
    /// <param name="Output">What it wrote.</param>
    private sealed record ProgramRun(int Status, string Output);
}
