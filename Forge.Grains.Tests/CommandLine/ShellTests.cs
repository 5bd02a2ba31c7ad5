using Forge.Grains.Tests.Processes;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>
/// What is written for each shell, as the shell itself takes it: the beginning of a word becomes the command, and the program is asked with the line and the place in it.
/// </summary>
public sealed class ShellTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Completion_InBash_CompletesACommand() => Assert.Equal("session\ncomplete -o default -F _forge_complete forge", await RunAsync("bash", "forge.bash", "bash", "drive", """
        . ./forge.bash
        COMP_LINE='forge sess' COMP_POINT=10 COMP_WORDS=(forge sess) COMP_CWORD=1
        _forge_complete
        echo "${COMPREPLY[@]}"
        complete -p forge
        """));

    /// <summary>In a terminal of its own, since only there it completes; by a file that it finds by its name, as the page says.</summary>
    [Fact]
    public async Task Completion_InZsh_CompletesACommand() => Assert.Equal("completed", await RunAsync("zsh", "_forge", "zsh", "drive", """
        (sleep 60; kill -9 $$) >/dev/null 2>&1 </dev/null &!
        zmodload zsh/zpty
        zpty shell 'zsh -f -i'
        zpty -w shell "fpath=($PWD \$fpath); autoload -Uz compinit; compinit -u -d $PWD/dump; print rea''dy"
        zpty -r shell said '*ready*'
        zpty -w -n shell $'forge sess\t'
        zpty -r shell said '*forge session*' && print completed
        zpty -d shell
        """, "-f"));

    /// <summary>By a profile that reads it in.</summary>
    [Fact]
    public async Task Completion_InZshReadIn_BelongsToTheCommand() => Assert.Equal("_forge", await RunAsync("zsh", "_forge", "zsh", "drive", """
        autoload -Uz compinit
        compinit -u -D
        . ./_forge
        print ${_comps[forge]}
        """, "-f"));

    [Fact]
    public async Task Completion_InFish_CompletesACommand() => Assert.Equal("session", await RunAsync("fish", "forge.fish", "fish", "drive", """
        source ./forge.fish
        complete -C 'forge sess'
        """, "--no-config"));

    [Fact]
    public async Task Completion_InPowerShell_CompletesACommand() => Assert.Equal("session", await RunAsync("powershell", "forge.ps1", "pwsh", "drive.ps1", """
        . ./forge.ps1
        (TabExpansion2 'forge sess' 10).CompletionMatches.CompletionText
        """, "-NoProfile", "-NonInteractive", "-File"));

    /// <summary>What a script says, run by a shell beside what <c>forge completion</c> wrote for it.</summary>
    private async Task<string> RunAsync(string shell, string file, string program, string script, string text, params string[] options)
    {
        using var run = new CommandLineRun();
        await WriteAsync(file, await run.DoneAsync("completion", shell));
        await WriteAsync(script, text + "\n");
        var forge = await WriteAsync("forge", """
            #!/bin/sh
            [ "$*" = "[suggest:10] forge sess" ] || exit 1
            printf '%s\n' checkpoint completion session

            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(forge, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var ran = await ProgramRun.RunAsync(
            _folder.Path, [("PATH", $"{_folder.Path}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}")], program, [.. options, script]);

        Assert.SkipWhen(ran is null, $"There is no {program} here.");
        Assert.Equal(0, ran!.Status);
        return ran.Output;
    }

    private async Task<string> WriteAsync(string name, string text)
    {
        var path = Path.Combine(_folder.Path, name);
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        return path;
    }
}
