using System.CommandLine;
using Forge.Cli.Commands;
using Forge.Cli.Hosting;

namespace Forge.Cli.Completion;

/// <summary><c>forge completion</c>.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _forge_complete() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(forge "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _forge_complete forge
        """;

    private const string Zsh = """
        #compdef forge
        _forge() {
            local -a found
            found=(${(f)"$(forge "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)"})
            compadd -- $found
        }
        # As a file of fpath this is the body of _forge when it is first called; read in by a profile, it is not.
        if [ "${funcstack[1]}" = _forge ]; then
            _forge "$@"
        else
            compdef _forge forge
        fi
        """;

    private const string Fish = """
        function __forge_complete
            set -l line (commandline -cp)
            forge "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -f -c forge -a '(__forge_complete)'
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName forge -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            forge "[suggest:$cursorPosition]" "$commandAst" 2>$null |
                Where-Object { $_ -like "$wordToComplete*" } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }
        """;

    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = Bash,
        ["zsh"] = Zsh,
        ["fish"] = Fish,
        ["powershell"] = PowerShell,
    };

    public static Command Make(Surroundings surroundings)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish or powershell." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        return new Command("completion", "Write what a shell takes to complete the commands of forge; docs/cli.md says where to put it.")
            .Takes(shell)
            .Does(surroundings, (call, _) =>
            {
                call.Screen.Text(Scripts[call.Get(shell)].ReplaceLineEndings("\n") + "\n");
                return Task.CompletedTask;
            });
    }
}
