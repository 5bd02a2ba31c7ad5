namespace Forge.Grains.Tests.CommandLine;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("forge che", "checkpoint")]
    [InlineData("forge session ti", "timeline")]
    [InlineData("forge checkpoint create demo --exp", "--expected-head")]
    [InlineData("forge completion z", "zsh")]
    public async Task Suggest_BeginningOfAWord_NamesWhatItMayBe(string line, string suggestion)
    {
        using var run = new CommandLineRun();

        var suggested = await run.DoneAsync($"[suggest:{line.Length}]", line);

        Assert.Contains(suggestion, suggested.Split('\n'));
    }

    [Theory]
    [InlineData("zsh", "#compdef forge")]
    [InlineData("fish", "complete -f -c forge")]
    [InlineData("powershell", "Register-ArgumentCompleter")]
    public async Task Completion_OfEachShell_HasItsScript(string shell, string part)
    {
        using var run = new CommandLineRun();

        Assert.Contains(part, await run.DoneAsync("completion", shell), StringComparison.Ordinal);
    }
}
