using Forge.Grains.Tests.Node;
using Forge.Grains.Tests.Processes;
using Forge.Grains.Tests.Rpc;

namespace Forge.Grains.Tests.Mcp;

/// <summary>
/// The protocol's own conformance suite, run by Node: the scenarios that any server can be held to. The others call the tools, prompts and
/// resources of a test server of its own, or need what a server without sessions does not have.
/// </summary>
public sealed class McpConformanceTests
{
    /// <summary>The first version of Node that the suite runs on; the others of ours are content with an earlier one.</summary>
    private const int First = 22;

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Mcp", "conformance");

    private static readonly string[] Scenarios = ["server-initialize", "ping", "tools-list", "resources-list", "dns-rebinding-protection"];

    [Fact]
    public async Task Server_ScenariosOfAnyServer_Pass()
    {
        await NodePrograms.RequirePackagesAsync(Folder);
        Assert.SkipUnless(await NodePrograms.VersionAsync(Folder) >= First, $"The conformance suite runs on Node {First} or later.");
        await using var host = await RpcHost.StartAsync();
        foreach (var scenario in Scenarios)
        {
            var run = await ProgramRun.RunAsync(
                Folder, [], "npx", "--no-install", "conformance", "server", "--url", new Uri(host.Root, "/mcp").ToString(), "--scenario", scenario);

            Assert.True(run?.Status == 0, $"{scenario}: {run?.Output}");
        }
    }
}
