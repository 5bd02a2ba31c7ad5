using Forge.Grains.Tests.Processes;

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

    [Fact]
    public async Task Completion_InBash_CompletesACommand()
    {
        using var run = new CommandLineRun();
        var script = await run.DoneAsync("completion", "bash");
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "forge.bash");
        await File.WriteAllTextAsync(file, $$"""
            forge() { printf '%s\n' checkpoint completion session; }
            {{script}}
            COMP_LINE='forge sess' COMP_POINT=10 COMP_WORDS=(forge sess) COMP_CWORD=1
            _forge_complete
            echo "${COMPREPLY[@]}"
            complete -p forge
            """, TestContext.Current.CancellationToken);

        var bash = await ProgramRun.RunAsync(folder.Path, [], "bash", file);

        Assert.SkipWhen(bash is null, "There is no bash here.");
        Assert.Equal((0, "session\ncomplete -o default -F _forge_complete forge"), (bash!.Status, bash.Output));
    }

    [Theory]
    [InlineData("zsh", "compdef _forge forge")]
    [InlineData("fish", "complete -f -c forge")]
    [InlineData("powershell", "Register-ArgumentCompleter")]
    public async Task Completion_OfEachShell_HasItsScript(string shell, string part)
    {
        using var run = new CommandLineRun();

        Assert.Contains(part, await run.DoneAsync("completion", shell), StringComparison.Ordinal);
    }
}
