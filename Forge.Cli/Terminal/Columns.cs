using Spectre.Console;
using Spectre.Console.Rendering;

namespace Forge.Cli.Terminal;

/// <summary>A table for people. Of a terminal that is too narrow for it, each row is a paragraph with a line for each column.</summary>
/// <param name="heads">The names of the columns. One that begins with <c>&gt;</c> has numbers, which stand to the right.</param>
internal sealed class Columns(params string[] heads)
{
    private const int Gap = 2;

    private readonly List<string[]> _rows = [];

    /// <summary>How many rows there are.</summary>
    public int Count => _rows.Count;

    /// <summary>Adds a row; its texts are made harmless.</summary>
    public void Add(params string[] cells) => _rows.Add([.. cells.Select(Harmless.Line)]);

    /// <summary>Writes it.</summary>
    public void WriteTo(Screen screen)
    {
        if (_rows.Count == 0)
        {
            return;
        }

        int[] widths = [.. heads.Select((head, i) => _rows.Max(row => Cells.Of(row[i])) is var most && most > Cells.Of(Name(i)) ? most : Cells.Of(Name(i)))];

        // Only the last column is cut; it has to have some room beside the others.
        var others = widths[..^1].Sum() + (Gap * (heads.Length - 1));
        if (others + Math.Min(widths[^1], 12) > screen.Width)
        {
            WriteParagraphs(screen);
            return;
        }

        screen.Line(LineOf([.. heads.Select((_, i) => Name(i))], widths, Styles.Strong));
        foreach (var row in _rows)
        {
            screen.Line(LineOf(row, widths, Styles.Plain));
        }
    }

    private static Segment[] LineOf(string[] cells, int[] widths, Style style, Func<int, bool> isNumber) =>
        [.. cells.Select((cell, i) => new Segment(Pad(cell, widths[i], i == cells.Length - 1, isNumber(i)), style))];

    private static string Pad(string cell, int width, bool isLast, bool isNumber)
    {
        var space = new string(' ', Math.Max(0, width - Cells.Of(cell)));
        return isNumber ? $"{space}{cell}{(isLast ? "" : "  ")}" : isLast ? cell : $"{cell}{space}  ";
    }

    private Segment[] LineOf(string[] cells, int[] widths, Style style) =>
        LineOf(cells, widths, style, i => heads[i].StartsWith('>'));

    private string Name(int column) => heads[column].TrimStart('>');

    private void WriteParagraphs(Screen screen)
    {
        var first = true;
        foreach (var row in _rows)
        {
            if (!first)
            {
                screen.Line();
            }

            first = false;
            for (var i = 0; i < row.Length; i++)
            {
                if (row[i].Length > 0)
                {
                    screen.Whole(new Segment($"{Name(i)}: ", Styles.Dim), new Segment(row[i]));
                }
            }
        }
    }
}
