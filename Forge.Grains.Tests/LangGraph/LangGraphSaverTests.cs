using Forge.Grains.Tests.Node;
using Forge.Grains.Tests.Rpc;

namespace Forge.Grains.Tests.LangGraph;

/// <summary>The checkpoint saver for LangGraph.js, whose own tests are run by Node against a silo.</summary>
public sealed class LangGraphSaverTests
{
    /// <summary>What the validation suite of LangGraph has at the version that the saver pins.</summary>
    private const int Validations = 726;

    [Fact]
    public async Task Saver_RunByNode_PassesItsTestsAndTheValidationSuiteWhole()
    {
        var files = await new NodePackage("langgraph").RunTestsAsync();

        Assert.Equal(Validations, files.Single(file => file.File == "validation.test.ts").Passed);
    }

    [Fact]
    public async Task Package_InstalledIntoTheSample_AsksAndGoesOnInAnotherProcess()
    {
        using var folder = new TemporaryFolder();
        await new NodePackage("langgraph").InstallIntoSampleAsync(folder.Path);
        await using var host = await RpcHost.StartAsync();

        var asked = await NodePackage.RunSampleAsync(folder.Path, host.Root, "orders.mjs", "order-7");
        var done = await NodePackage.RunSampleAsync(folder.Path, host.Root, "orders.mjs", "order-7", "yes");

        Assert.Contains("""{"notes":["found the order"],"asks":["Send it?"]}""", asked, StringComparison.Ordinal);
        Assert.Contains("""{"notes":["found the order","to be sent","done: to be sent"],"asks":[]}""", done, StringComparison.Ordinal);
    }
}
