using System.Globalization;

namespace Forge.Benchmarks.Reporting.Charts;

/// <summary>A bar for each median; Forge's own in another colour than what it is compared to.</summary>
internal static class BarChart
{
    private const int Width = 900;
    private const int Labels = 330;
    private const int Row = 22;
    private const int Top = 40;
    private const string Forge = "#2563eb";
    private const string Other = "#94a3b8";

    private static readonly string[] Baselines =
    [
        "unnest", "copy", "insert", "raw", "store-", "two-state", "whole-list", "memory-lock", "langgraph", "agent-framework",
        "made.state", "made.all-states",
    ];

    public static Svg Draw(string title, IReadOnlyList<Bar> bars)
    {
        var svg = new Svg(Width, Top + Row * bars.Count + 12);
        var scale = (Width - Labels - 90) / bars.Max(b => b.Value);
        svg.Text(12, 24, title, size: 15, bold: true);
        for (var i = 0; i < bars.Count; i++)
        {
            var (bar, y) = (bars[i], Top + Row * i);
            svg.Text(Labels - 8, y + 14, bar.Name, "end");
            svg.Box(Labels, y + 3, Math.Max(1, bar.Value * scale), Row - 7, IsBaseline(bar.Name) ? Other : Forge);
            svg.Text(Labels + bar.Value * scale + 6, y + 14, Text(bar.Value));
        }

        return svg;
    }

    private static bool IsBaseline(string name) => Baselines.Any(b => name.Contains($".{b}", StringComparison.Ordinal));

    private static string Text(double value) => value.ToString(value >= 100 ? "#,0" : "0.###", CultureInfo.InvariantCulture);
}
