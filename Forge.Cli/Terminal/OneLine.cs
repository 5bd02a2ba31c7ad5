using Spectre.Console.Rendering;

namespace Forge.Cli.Terminal;

/// <summary>Parts with styles on one line, each made harmless: a call that forgets to is none that a terminal obeys.</summary>
/// <param name="parts">The parts.</param>
/// <param name="isCut">True to cut it off at the width there is.</param>
internal sealed class OneLine(IEnumerable<Segment> parts, bool isCut) : Renderable
{
    private const string Cut = "…";

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        // Space at the end is nothing that anybody sees, and in the way of whoever compares lines.
        List<Segment> line = [.. parts.Select(part => new Segment(Harmless.Line(part.Text), part.Style))];
        while (line is [.., var last] && (last.Text.Length == 0 || last.Text.EndsWith(' ')))
        {
            line[^1] = new Segment(last.Text.TrimEnd(' '), last.Style);
            if (line[^1].Text.Length == 0)
            {
                line.RemoveAt(line.Count - 1);
            }
        }

        return [.. isCut && IsWider(line, maxWidth) ? CutAt(line, maxWidth - 1) : line, Segment.LineBreak];
    }

    private static bool IsWider(List<Segment> line, int width) =>
        line.Sum(part => part.Text.Length) > width / Cells.Most && Segment.CellCount(line) > width;

    private static IEnumerable<Segment> CutAt(List<Segment> line, int width)
    {
        foreach (var part in line)
        {
            var cells = part.CellCount();
            if (cells > width)
            {
                yield return new Segment(Beginning(part.Text, width) + Cut, part.Style);
                yield break;
            }

            width -= cells;
            yield return part;
        }
    }

    private static string Beginning(string text, int width)
    {
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            width -= new Segment(rune.ToString()).CellCount();
            if (width < 0)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }
}
