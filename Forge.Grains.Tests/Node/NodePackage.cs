using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Forge.Grains.Tests.Rpc;

namespace Forge.Grains.Tests.Node;

/// <summary>An npm package of ours, whose own tests are run by Node against a silo.</summary>
/// <param name="Name">The folder of the package, below <c>clients</c>.</param>
internal sealed record NodePackage(string Name)
{
    /// <summary>The first version of Node that the packages' tools run on.</summary>
    private const int First = 20;

    private string Folder => Path.Combine(AppContext.BaseDirectory, "clients", Name);

    /// <summary>
    /// Checks the types of the package and runs its tests. Without Node or a registry to have its packages from, the test that called this is skipped;
    /// it fails without Node under <c>CI=true</c>.
    /// </summary>
    /// <returns>What became of each file of tests; all of them passed.</returns>
    public async Task<IReadOnlyList<NodeTests>> RunTestsAsync()
    {
        if (await RunAsync("node", null, "--version") is not { Status: 0, Output: ['v', .. var version] }
            || int.Parse(version.Split('.')[0], CultureInfo.InvariantCulture) < First)
        {
            Miss($"Node {First} or later is not installed.");
        }

        if (await RunAsync("npm", null, "ci", "--no-audit", "--no-fund") is not { Status: 0 })
        {
            // Nothing of ours is wrong where there is no registry.
            Assert.Skip($"The packages of {Name} cannot be had.");
        }

        var check = await RunAsync("npm", null, "run", "check");
        Assert.True(check?.Status == 0, check?.Output);
        await using var host = await RpcHost.StartAsync();
        var report = Path.Combine(Folder, "report.json");
        File.Delete(report);

        var run = await RunAsync(
            "npx", host.Root, "--no-install", "vitest", "run", "--reporter=json", $"--outputFile={report}");

        Assert.True(File.Exists(report), run?.Output);
        using var told = JsonDocument.Parse(await File.ReadAllBytesAsync(report, TestContext.Current.CancellationToken));
        var results = told.RootElement.GetProperty("testResults").EnumerateArray().ToArray();
        var failures = results.SelectMany(FailuresOf).ToArray();
        Assert.True(failures.Length == 0, string.Join('\n', failures));
        Assert.True(run?.Status == 0, run?.Output);
        return [.. results.Select(file => new NodeTests(
            Path.GetFileName(file.GetProperty("name").GetString()!), file.GetProperty("assertionResults").EnumerateArray().Count(HasPassed)))];
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
    private async Task<ProgramRun?> RunAsync(string program, Uri? forge, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
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

/// <summary>A file of tests that Node has run.</summary>
/// <param name="File">Its name, without its folder.</param>
/// <param name="Passed">How many of its tests passed.</param>
internal sealed record NodeTests(string File, int Passed);
