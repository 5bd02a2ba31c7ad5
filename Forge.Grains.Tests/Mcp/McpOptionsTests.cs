using Forge.Silo.Mcp;

namespace Forge.Grains.Tests.Mcp;

public sealed class McpOptionsTests
{
    private static readonly McpOptionsValidator Validator = new();

    [Fact]
    public void Validate_Defaults_AreGood() => Assert.True(Validator.Validate(null, new McpOptions()).Succeeded);

    [Theory]
    [InlineData(8 * 1024, 4 * 1024, 1)]
    [InlineData(4 * 1024 * 1024, 64 * 1024 * 1024, long.MaxValue)]
    public void Validate_Bounds_AreGood(int answer, int request, long bytes) => Assert.True(
        Validator.Validate(null, new McpOptions { AnswerBytes = answer, RequestBytes = request, Bytes = bytes }).Succeeded);

    [Fact]
    public void Validate_BeyondBounds_NamesEach()
    {
        var least = Validator.Validate(null, new McpOptions { AnswerBytes = (8 * 1024) - 1, RequestBytes = (4 * 1024) - 1, Bytes = 0 });
        Assert.Equal(["Forge:Mcp:AnswerBytes", "Forge:Mcp:RequestBytes", "Forge:Mcp:Bytes"], least.Failures!.Select(failure => failure.Split(' ')[0]));
        var most = Validator.Validate(null, new McpOptions { AnswerBytes = (4 * 1024 * 1024) + 1, RequestBytes = (64 * 1024 * 1024) + 1 });
        Assert.Equal(["Forge:Mcp:AnswerBytes", "Forge:Mcp:RequestBytes"], most.Failures!.Select(failure => failure.Split(' ')[0]));
    }

    [Theory]
    [InlineData("https://app.example", true)]
    [InlineData("http://localhost:3000", true)]
    [InlineData("null", true)]
    [InlineData("app.example", false)]
    [InlineData("https://app.example/", false)]
    [InlineData("*", false)]
    public void Validate_Origins_AreASchemeAndAHost(string origin, bool isGood) => Assert.Equal(
        isGood, Validator.Validate(null, new McpOptions { AllowedOrigins = { origin } }).Succeeded);

    [Theory]
    [InlineData("forge.example", true)]
    [InlineData("silo-1", true)]
    [InlineData("forge.example:443", false)]
    [InlineData("http://forge.example", false)]
    [InlineData("*", false)]
    [InlineData("", false)]
    public void Validate_Hosts_AreNamesAlone(string host, bool isGood) => Assert.Equal(
        isGood, Validator.Validate(null, new McpOptions { AllowedHosts = { host } }).Succeeded);
}
