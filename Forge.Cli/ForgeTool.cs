using System.CommandLine;
using System.Text;
using Forge.Cli.Audit;
using Forge.Cli.Checkpoints;
using Forge.Cli.Commands;
using Forge.Cli.Completion;
using Forge.Cli.Hosting;
using Forge.Cli.Keys;
using Forge.Cli.Login;
using Forge.Cli.Replay;
using Forge.Cli.Searching;
using Forge.Cli.Serving;
using Forge.Cli.Sessions;
using Forge.Cli.Tenants;
using Forge.Cli.Terminal;
using Forge.Cli.Watching;

namespace Forge.Cli;

/// <summary>The program.</summary>
internal static class ForgeTool
{
    /// <summary>Runs one command line to its end.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="surroundings">Everything that the program has from outside.</param>
    /// <param name="cancellationToken">Interrupts it.</param>
    /// <returns>What the program ends with.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Surroundings surroundings, CancellationToken cancellationToken)
    {
        try
        {
            return await ParseAndRunAsync(arguments, surroundings, cancellationToken);
        }
        catch (CliException exception)
        {
            // Of what the library writes by itself, as help.
            return (int)exception.Code;
        }
        catch (Exception exception)
        {
            using var screen = new Screen(surroundings, ColorChoice.Auto);
            screen.Problem(exception.Message, null);
            return (int)ExitCode.Failed;
        }
    }

    private static async Task<int> ParseAndRunAsync(IReadOnlyList<string> arguments, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var parsed = Make(surroundings).Parse(
            // An @ before a name is ours: it means what the file holds, and not more of the command line.
            arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is System.CommandLine.Invocation.ParseErrorAction)
        {
            using var screen = new Screen(surroundings, ColorChoice.Auto);
            foreach (var error in parsed.Errors)
            {
                screen.Problem(error.Message, null);
            }

            screen.Note($"       `{PathOf(parsed.CommandResult.Command)} --help` shows what there is.");
            return (int)ExitCode.Usage;
        }

        await using var output = WriterOf(new ClosableStream(surroundings.Output));
        await using var problems = WriterOf(surroundings.Error);
        return await parsed.InvokeAsync(
            new InvocationConfiguration { Output = output, Error = problems, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellationToken);
    }

    private static RootCommand Make(Surroundings surroundings)
    {
        var root = new RootCommand("The command line of Forge. It speaks HTTP with a silo, whose words docs/http.md has.");
        root.Takes(
            CheckpointCommand.Make(surroundings),
            SessionCommand.Make(surroundings),
            WatchCommand.Make(surroundings),
            SearchCommand.Make(surroundings),
            ReplayCommand.Make(surroundings),
            TenantCommand.Make(surroundings),
            KeyCommand.Make(surroundings),
            AuditCommand.Make(surroundings),
            LoginCommand.Make(surroundings),
            ServeCommand.Make(surroundings),
            CompletionCommand.Make(surroundings));
        root.Takes([.. GlobalOptions.All]);
        return root;
    }

    private static string PathOf(Command command) => command is RootCommand ? "forge" : $"{PathOf(command.Parents.OfType<Command>().First())} {command.Name}";

    private static StreamWriter WriterOf(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
}
