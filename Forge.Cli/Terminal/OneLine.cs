using Spectre.Console.Rendering;

namespace Forge.Cli.Terminal;

/// <summary>Parts with styles on one line, cut off at the width there is.</summary>
internal sealed class OneLine(IEnumerable<Segment> parts) : Renderable
{
    private const string Cut = "…";

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        List<Segment> line = [.. parts];
        if (Segment.CellCount(line) > maxWidth)
        {
            line = [.. Segment.Truncate(line, maxWidth - 1), new Segment(Cut)];
        }

        return [.. line, Segment.LineBreak];
    }
}
