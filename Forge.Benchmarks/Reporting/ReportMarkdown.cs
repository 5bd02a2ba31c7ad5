using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Forge.Benchmarks.Reporting;

/// <summary>The tables of a report for a Markdown page, made from its JSON form.</summary>
internal static class ReportMarkdown
{
    /// <exception cref="FormatException">The text is no report.</exception>
    public static string Write(string json)
    {
        var report = JsonNode.Parse(json) as JsonObject ?? throw new FormatException("The report is no JSON object.");
        var medians = report["medians"] as JsonObject ?? throw new FormatException("The report has no medians.");
        var text = new StringBuilder();
        if (report["ratios"] is JsonObject { Count: > 0 } ratios)
        {
            text.Append("| ratio | value |\n|---|---:|\n");
            foreach (var (name, value) in ratios)
            {
                text.Append(CultureInfo.InvariantCulture, $"| `{name}` | {Number((double)value!)} |\n");
            }

            text.Append('\n');
        }

        // What each operation costs in processor time stands beside its rate, not in rows of its own.
        var costs = medians.Select(m => m.Key).Where(k => k.Contains(".cpu", StringComparison.Ordinal)).ToHashSet();
        var columns = costs.Select(c => c[c.LastIndexOf('.')..]).Distinct().ToList();
        text.Append("| median of | value | unit |").AppendJoin("", columns.Select(c => $" {c[1..]} µs |")).Append('\n');
        text.Append("|---|---:|---|").AppendJoin("", columns.Select(_ => "---:|")).Append('\n');
        foreach (var (name, value) in medians.Where(m => !costs.Contains(m.Key)))
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{name}` | {Number((double)value!)} | {(string?)report["units"]?[name]} |");
            text.AppendJoin("", columns.Select(c => medians[name + c] is { } cost ? $" {Number((double)cost)} |" : " |")).Append('\n');
        }

        return text.ToString();
    }

    private static string Number(double value) =>
        value.ToString(Math.Abs(value) >= 100 ? "#,0" : "0.###", CultureInfo.InvariantCulture);
}
