using Spectre.Console.Rendering;

namespace Forge.Cli.Terminal;

/// <summary>Parts with styles on one line, cut off at the width there is.</summary>
internal sealed class OneLine(IEnumerable<Segment> parts) : Renderable
{
    private const string Cut = "…";

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        // Space at the end is nothing that anybody sees, and in the way of whoever compares lines.
        List<Segment> line = [.. parts];
        while (line is [.., var last] && last.Text.EndsWith(' '))
        {
            line[^1] = new Segment(last.Text.TrimEnd(' '), last.Style);
            if (line[^1].Text.Length == 0)
            {
                line.RemoveAt(line.Count - 1);
            }
        }

        if (Segment.CellCount(line) > maxWidth)
        {
            line = [.. Segment.Truncate(line, maxWidth - 1), new Segment(Cut)];
        }

        return [.. line, Segment.LineBreak];
    }
}
