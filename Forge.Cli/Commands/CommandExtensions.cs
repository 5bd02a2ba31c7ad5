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
        using var call = new Call(parsed, screen);
        try
        {
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
        catch (Exception exception)
        {
            // Whatever it is, the person is told in a line, and a terminal obeys nothing of it.
            var told = Told(call, exception);
            Flushed(screen, told.Code);
            Tell(screen, told, parsed.GetValue(GlobalOptions.Json));
            return told.Code;
        }
    }

    private static CliException Told(Call call, Exception exception) => (exception, call.Reached) switch
    {
        (HttpRequestException or OperationCanceledException, { } http) => new CliException(
            ExitCode.Unavailable, $"The connection to {http.Url} broke off: {exception.Message}", "Try again.", exception),

        // A server of something else answers 200 to much.
        (System.Text.Json.JsonException or KeyNotFoundException or InvalidOperationException or FormatException or NullReferenceException or ArgumentNullException, { } http) =>
            http.NoSilo(exception.Message, exception),
        _ => new CliException(ExitCode.Failed, exception.Message, innerException: exception),
    };

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
        catch (IOException)
        {
            // That it cannot be written is told, or something else is that went before.
            return code;
        }
    }

    private static void Tell(Screen screen, CliException exception, bool json)
    {
        if (json && exception.Json is { } problem)
        {
            screen.ProblemJson(problem);
        }
        else
        {
            screen.Problem(exception.Message, exception.Hint);
        }
    }
}
