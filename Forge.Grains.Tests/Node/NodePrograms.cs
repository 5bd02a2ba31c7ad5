using System.Globalization;
using Forge.Grains.Tests.Processes;

namespace Forge.Grains.Tests.Node;

/// <summary>What tests need of Node and of the npm packages of a folder.</summary>
internal static class NodePrograms
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

        if (await ProgramRun.RunAsync(folder, [], "npm", "ci", "--no-audit", "--no-fund") is not { Status: 0 })
        {
            // Nothing of ours is wrong where there is no registry.
            Assert.Skip($"The packages of {Path.GetFileName(folder)} cannot be had.");
        }
    }

    /// <summary>The version of Node; 0 if it is not there.</summary>
    /// <param name="folder">Where it is asked.</param>
    public static async Task<int> VersionAsync(string folder) =>
        await ProgramRun.RunAsync(folder, [], "node", "--version") is { Status: 0, Output: ['v', .. var version] }
            ? int.Parse(version.Split('.')[0], CultureInfo.InvariantCulture)
            : 0;
}
