using Forge.Grains.Tests.Node;
using Forge.Grains.Tests.Rpc;

namespace Forge.Grains.Tests.ClaudeAgent;

/// <summary>The session store for the Claude Agent SDK, whose own tests are run by Node against a silo.</summary>
public sealed class SessionStoreTests
{
    /// <summary>What the SDK asks of a session store.</summary>
    private const int Contracts = 14;

    [Fact]
    public async Task Store_RunByNode_PassesItsTestsAndKeepsEveryContract()
    {
        var files = await new NodePackage("claude-agent").RunTestsAsync();

        Assert.Equal(Contracts, files.Single(file => file.File == "contracts.test.ts").Passed);
    }

    [Fact]
    public async Task Package_InstalledIntoTheSample_KeepsWhatAKilledProcessAppended()
    {
        using var folder = new TemporaryFolder();
        await new NodePackage("claude-agent").InstallIntoSampleAsync(folder.Path);
        await using var host = await RpcHost.StartAsync();

        var said = await NodePackage.RunSampleAsync(folder.Path, host.Root, "transcript.mjs");

        Assert.Contains("\"entries\":41,\"messages\":40", said, StringComparison.Ordinal);
        Assert.Contains("""{"deleted":true,"late":"session_deleted"}""", said, StringComparison.Ordinal);
    }
}
