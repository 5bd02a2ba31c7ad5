using Forge.Silo.Mcp;

namespace Forge.Grains.Tests.Mcp;

public sealed class McpDocumentTests
{
    [Fact]
    public async Task Page_TellsOfEveryToolAndSetting()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "docs", "mcp.md"), TestContext.Current.CancellationToken);

        Assert.All(McpTools.All, tool => Assert.Contains($"`{tool.Name}`", page, StringComparison.Ordinal));
        Assert.All(typeof(McpOptions).GetProperties(), option => Assert.Contains($"`{option.Name}`", page, StringComparison.Ordinal));
    }
}
