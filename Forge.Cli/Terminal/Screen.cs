using System.Text;
using Forge.Cli.Hosting;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Forge.Cli.Terminal;

/// <summary>
/// Where a command writes. Colours and widths are for terminals alone: what goes into a pipe or a file has neither escape sequences nor cut lines.
/// </summary>
internal sealed class Screen : IDisposable
{
    /// <summary>Lines that nobody sees in a terminal are not broken.</summary>
    private const int Unbroken = 100_000;

    private readonly StreamWriter _output;
    private readonly StreamWriter _error;
    private readonly Lazy<IAnsiConsole> _console;
    private readonly Lazy<IAnsiConsole> _errorConsole;

    public Screen(Surroundings surroundings, ColorChoice color)
    {
        Surroundings = surroundings;
        var colored = color == ColorChoice.Always || (color == ColorChoice.Auto && surroundings.OutputIsTerminal && AllowsColor(surroundings));
        var coloredErrors = color == ColorChoice.Always || (color == ColorChoice.Auto && surroundings.ErrorIsTerminal && AllowsColor(surroundings));
        _output = WriterOf(new ClosableStream(surroundings.Output));
        _error = WriterOf(surroundings.Error);
        _console = new(() => ConsoleOf(_output, colored, surroundings.OutputIsTerminal ? surroundings.Width : Unbroken));
        _errorConsole = new(() => ConsoleOf(_error, coloredErrors, Unbroken));
    }

    /// <summary>What the program has from outside.</summary>
    public Surroundings Surroundings { get; }

    /// <summary>How wide a line may be.</summary>
    public int Width => Surroundings.OutputIsTerminal ? Surroundings.Width : Unbroken;

    /// <summary>The output for what goes out as it is.</summary>
    public Stream Raw => _output.BaseStream;

    /// <summary>Writes a line for a program: JSON, made harmless, and nothing else.</summary>
    public void Json(string json)
    {
        _output.Write(Harmless.Json(json));
        _output.Write('\n');
    }

    /// <summary>Writes a line of our own words.</summary>
    public void Line(string text = "") => Whole(new Segment(text));

    /// <summary>Writes parts with styles as one line, all of it: a terminal breaks it where it is full.</summary>
    public void Whole(params IEnumerable<Segment> parts) => Write(new OneLine(parts, isCut: false));

    /// <summary>Writes parts with styles as one line, which is cut off at the width of the terminal.</summary>
    public void Line(params IEnumerable<Segment> parts) => Write(new OneLine(parts, isCut: true));

    /// <summary>Writes text as it is, line by line.</summary>
    public void Text(string text) => _output.Write(text);

    /// <summary>Writes a table.</summary>
    public void Write(IRenderable renderable) => _console.Value.Write(renderable);

    /// <summary>Writes a note of one line for the person beside the output.</summary>
    public void Note(string text)
    {
        _error.Write(Harmless.Line(text));
        _error.Write('\n');
        _error.Flush();
    }

    /// <summary>Writes what went wrong, for a program: JSON, made harmless, and nothing else.</summary>
    public void ProblemJson(string json)
    {
        Flush();
        _error.Write(Harmless.Json(json));
        _error.Write('\n');
        _error.Flush();
    }

    /// <summary>Writes what went wrong, and what can be done.</summary>
    public void Problem(string message, string? hint)
    {
        Flush();
        _errorConsole.Value.Write(new OneLine([new Segment("error: ", Styles.Bad), new Segment(Harmless.Line(message))], isCut: false));
        if (hint is not null)
        {
            _errorConsole.Value.Write(new OneLine([new Segment("       "), new Segment(Harmless.Line(hint))], isCut: false));
        }

        _error.Flush();
    }

    /// <summary>Writes over the line of the terminal that errors go to.</summary>
    public void Overwrite(string text)
    {
        _error.Write($"\r\u001b[2K{text}");
        _error.Flush();
    }

    /// <summary>Hands on what was written.</summary>
    public void Flush() => _output.Flush();

    public void Dispose()
    {
        _error.Dispose();
        _output.Dispose();
    }

    /// <summary>By https://no-color.org, and by what terminals that know no colours are called.</summary>
    private static bool AllowsColor(Surroundings surroundings) =>
        string.IsNullOrEmpty(surroundings.Variable("NO_COLOR")) && surroundings.Variable("TERM") != "dumb";

    private static StreamWriter WriterOf(Stream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 16 * 1024, leaveOpen: true) { NewLine = "\n" };

    private static IAnsiConsole ConsoleOf(TextWriter writer, bool colored, int width) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = colored ? AnsiSupport.Yes : AnsiSupport.No,
        ColorSystem = colored ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
        Interactive = InteractionSupport.No,
        Out = new WriterOutput(writer, width),
        Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
    });

    private sealed class WriterOutput(TextWriter writer, int width) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => false;

        public int Width => width;

        public int Height => 1_000;

        public void SetEncoding(Encoding encoding)
        {
            // It is UTF-8, whatever is asked for.
        }
    }
}

/// <summary>When the output has colours.</summary>
internal enum ColorChoice
{
    /// <summary>If a terminal shows it, and the environment has nothing against it.</summary>
    Auto,

    /// <summary>Always.</summary>
    Always,

    /// <summary>Never.</summary>
    Never,
}
