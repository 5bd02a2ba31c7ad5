using System.Globalization;

namespace Forge.Benchmarks.Reporting.Charts;

/// <summary>A line for each operation: its cost at each size divided by that at the smallest, sizes by powers of ten.</summary>
internal static class GrowthChart
{
    private const int Width = 900;
    private const int Height = 420;
    private const int Left = 60;
    private const int Right = 150;
    private const int Top = 50;
    private const int Bottom = 50;

    private static readonly string[] Colours = ["#2563eb", "#dc2626", "#16a34a", "#9333ea", "#ea580c", "#0891b2"];

    public static Svg Draw(string title, IReadOnlyList<Series> series)
    {
        var svg = new Svg(Width, Height);
        var sizes = series.SelectMany(s => s.Points).Select(p => p.Size).Distinct().Order().ToList();
        var ceiling = Math.Max(2, series.Max(s => s.Points.Max(p => p.Value / s.Points[0].Value)) * 1.1);
        svg.Text(12, 26, title, size: 15, bold: true);
        for (var mark = 0.0; mark <= ceiling; mark += 0.5)
        {
            svg.Line(Left, Y(mark), Width - Right, Y(mark), "#e2e8f0", 1);
            svg.Text(Left - 8, Y(mark) + 4, mark.ToString("0.0", CultureInfo.InvariantCulture), "end");
        }

        foreach (var size in sizes)
        {
            svg.Text(X(size), Height - Bottom + 20, size.ToString("#,0", CultureInfo.InvariantCulture), "middle");
        }

        for (var i = 0; i < series.Count; i++)
        {
            var (points, colour) = (series[i].Points, Colours[i % Colours.Length]);
            for (var p = 0; p < points.Count; p++)
            {
                var (x, y) = (X(points[p].Size), Y(points[p].Value / points[0].Value));
                svg.Dot(x, y, colour);
                if (p > 0)
                {
                    svg.Line(X(points[p - 1].Size), Y(points[p - 1].Value / points[0].Value), x, y, colour, 2);
                }
            }

            svg.Box(Width - Right + 16, Top + 22 * i, 12, 12, colour);
            svg.Text(Width - Right + 34, Top + 22 * i + 11, series[i].Name);
        }

        return svg;

        double X(long size) => Left + (Width - Left - Right)
            * (sizes.Count == 1 ? 0.5 : (Math.Log10(size) - Math.Log10(sizes[0])) / (Math.Log10(sizes[^1]) - Math.Log10(sizes[0])));

        double Y(double value) => Height - Bottom - (Height - Top - Bottom) * value / ceiling;
    }
}
