using Microsoft.Win32.SafeHandles;

namespace Forge.Cli.Hosting;

/// <summary>Everything that the program has from outside, so that tests can run it within their own process.</summary>
internal sealed record Surroundings
{
    /// <summary>Where states and documents come from if the command line says <c>-</c>.</summary>
    public required Stream Input { get; init; }

    /// <summary>Where answers go.</summary>
    public required Stream Output { get; init; }

    /// <summary>Where errors, notes and progress go.</summary>
    public required Stream Error { get; init; }

    /// <summary>True if a person types the input.</summary>
    public bool InputIsTerminal { get; init; }

    /// <summary>True if a person sees the output. Only then is anything coloured or cut to a width.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>True if a person sees the errors. Only then is progress shown.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>How many columns the terminal has.</summary>
    public int Width { get; init; } = 80;

    /// <summary>A variable of the environment; null if it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>The folder that holds the profiles.</summary>
    public required string ConfigurationFolder { get; init; }

    /// <summary>Asks for a line that is not shown while it is typed; null if nobody answers.</summary>
    public Func<string?> ReadSecret { get; init; } = () => null;

    /// <summary>
    /// True if nothing else goes on in the process, so that a call may hold up its thread: to get ready to wait in any other way takes longer than most calls.
    /// </summary>
    public bool IsAlone { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes what the program speaks HTTP with.</summary>
    public Func<HttpMessageHandler> Connect { get; init; } =
        () => new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            UseCookies = false,

            // Nobody traces a command; to be ready for it takes time.
            ActivityHeadersPropagator = null,
        };

    /// <summary>Those of this process.</summary>
    public static Surroundings OfProcess()
    {
        var outputIsTerminal = !Console.IsOutputRedirected;
        return new Surroundings
        {
            Input = Console.OpenStandardInput(),
            Output = OpenOutput(outputIsTerminal),
            Error = Console.OpenStandardError(),
            InputIsTerminal = !Console.IsInputRedirected,
            OutputIsTerminal = outputIsTerminal,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            Width = outputIsTerminal ? WidthOfConsole() : 80,
            Variable = Environment.GetEnvironmentVariable,
            ConfigurationFolder = Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "forge"),
            ReadSecret = ReadSecretFromConsole,
            IsAlone = true,
        };
    }

    /// <summary>
    /// The output. What the console gives writes into a closed pipe as if somebody still read it; a pipe is therefore written by itself. A file is not:
    /// others may write to it too, and the console alone goes on where they ended.
    /// </summary>
    private static Stream OpenOutput(bool isTerminal)
    {
        const int StandardOutput = 1;
        if (!OperatingSystem.IsWindows() && !isTerminal)
        {
            try
            {
                var output = new FileStream(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
                if (!output.CanSeek)
                {
                    return output;
                }
            }
            catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException)
            {
                // There is no output, or none that can be written; the console says so in its own time.
            }
        }

        return Console.OpenStandardOutput();
    }

    private static int WidthOfConsole()
    {
        try
        {
            return Console.WindowWidth > 0 ? Console.WindowWidth : 80;
        }
        catch (IOException)
        {
            // A terminal that does not say how wide it is.
            return 80;
        }
    }

    private static string? ReadSecretFromConsole()
    {
        var text = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                text.Length = Math.Max(0, text.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                text.Append(key.KeyChar);
            }
        }

        return text.ToString();
    }
}
