using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Forge.Grains.Tests.Processes;

/// <summary>What became of a program of Node.</summary>
/// <param name="Status">Its exit status.</param>
/// <param name="Output">What it wrote.</param>
internal sealed record NodeRun(int Status, string Output)
{
    /// <summary>The first version of Node that what is run by it needs.</summary>
    private const int First = 20;

    /// <summary>Skips the test if Node is not there, which under CI fails it, or if the packages of a folder can't be had.</summary>
    /// <param name="folder">The folder, with a lock file.</param>
    public static async Task RequirePackagesAsync(string folder)
    {
        if (await VersionAsync(folder) < First)
        {
            var reason = $"Node {First} or later is not installed.";
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", reason);
            Assert.Fail($"{reason} CI has to run this.");
        }

        if (await RunAsync(folder, [], "npm", "ci", "--no-audit", "--no-fund") is not { Status: 0 })
        {
            // Nothing of ours is wrong where there is no registry.
            Assert.Skip($"The packages of {Path.GetFileName(folder)} cannot be had.");
        }
    }

    /// <summary>The version of Node; 0 if it is not there.</summary>
    /// <param name="folder">Where it is asked.</param>
    public static async Task<int> VersionAsync(string folder) =>
        await RunAsync(folder, [], "node", "--version") is { Status: 0, Output: ['v', .. var version] }
            ? int.Parse(version.Split('.')[0], CultureInfo.InvariantCulture)
            : 0;

    /// <summary>Runs a program to its end; null if there is none of this name.</summary>
    /// <param name="folder">Where it is run.</param>
    /// <param name="environment">What it is told beside the environment of the tests.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<NodeRun?> RunAsync(
        string folder, IReadOnlyList<(string Name, string Value)> environment, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
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
                return new NodeRun(process.ExitCode, $"{output.Trim()}{await error}");
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
}
