using Forge.Cli.Hosting;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>Names that would make another path of the one that is meant.</summary>
public sealed class PathTests
{
    [Theory]
    [InlineData("checkpoint", "delete", "demo", "..")]
    [InlineData("checkpoint", "delete", "demo", ".")]
    [InlineData("checkpoint", "delete", "demo", "")]
    [InlineData("checkpoint", "show", "..", "1", "--state-only")]
    [InlineData("session", "delete", "..")]
    [InlineData("session", "delete", "")]
    [InlineData("session", "export", "..")]
    [InlineData("session", "effects", "demo", "..")]
    [InlineData("key", "revoke", "..")]
    [InlineData("watch", ".", "--all")]
    public async Task RunAsync_NameThatIsNoPartOfAPath_SendsNothing(params string[] command)
    {
        await using var silo = await StubSilo.StartAsync(_ => StubAnswer.Ok("{}"));
        using var run = CommandLineRun.For(silo.Url);

        var result = await run.RunAsync(command);

        Assert.Equal((ExitCode.Usage, ""), (result.Code, result.Text));
        Assert.Empty(silo.Requests);
    }
}
