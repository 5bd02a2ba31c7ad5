using System.CommandLine;
using Forge.Cli.Hosting;
using Forge.Cli.Terminal;

namespace Forge.Cli.Commands;

/// <summary>How commands are made.</summary>
internal static class CommandExtensions
{
    /// <summary>Adds arguments and options, in the order that they are shown in.</summary>
    public static Command Takes(this Command command, params Symbol[] symbols)
    {
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument:
                    command.Arguments.Add(argument);
                    break;
                case Option option:
                    command.Options.Add(option);
                    break;
                case Command subcommand:
                    command.Subcommands.Add(subcommand);
                    break;
                default:
                    throw new ArgumentException($"{symbol.Name} is neither an argument nor an option.", nameof(symbols));
            }
        }

        return command;
    }

    /// <summary>Says what a command does that is done or throws.</summary>
    public static Command Does(this Command command, Surroundings surroundings, Func<Call, CancellationToken, Task> run) =>
        command.Does(surroundings, async (call, cancellationToken) =>
        {
            await run(call, cancellationToken);
            return ExitCode.Done;
        });

    /// <summary>Says what a command does.</summary>
    public static Command Does(this Command command, Surroundings surroundings, Func<Call, CancellationToken, Task<ExitCode>> run)
    {
        command.SetAction(async (parsed, cancellationToken) => (int)await RunAsync(surroundings, parsed, run, cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunAsync(
        Surroundings surroundings, ParseResult parsed, Func<Call, CancellationToken, Task<ExitCode>> run, CancellationToken cancellationToken)
    {
        using var screen = new Screen(surroundings, parsed.GetValue(GlobalOptions.Color));
        try
        {
            using var call = new Call(parsed, screen);
            var code = await run(call, cancellationToken);
            screen.Flush();
            return code;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Flushed(screen, ExitCode.Interrupted);
        }
        catch (CliException exception) when (exception.Code == ExitCode.OutputClosed)
        {
            // Whoever closed it knows.
            return ExitCode.OutputClosed;
        }
        catch (CliException exception)
        {
            Flushed(screen, exception.Code);
            Tell(screen, exception, parsed.GetValue(GlobalOptions.Json));
            return exception.Code;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Flushed(screen, ExitCode.Failed);
            screen.Problem(exception.Message, null);
            return ExitCode.Failed;
        }
    }

    private static ExitCode Flushed(Screen screen, ExitCode code)
    {
        try
        {
            screen.Flush();
            return code;
        }
        catch (CliException exception)
        {
            return exception.Code;
        }
    }

    private static void Tell(Screen screen, CliException exception, bool json)
    {
        if (json && exception.Json is { } problem)
        {
            screen.Note(Harmless.Json(problem));
        }
        else
        {
            screen.Problem(exception.Message, exception.Hint);
        }
    }
}
