using Forge.Grains.Tests.Node;

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
}
