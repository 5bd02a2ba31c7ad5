using Forge.Grains.Tests.Node;

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
}
