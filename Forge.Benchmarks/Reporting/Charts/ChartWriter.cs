using System.Globalization;
using System.Text.Json.Nodes;

namespace Forge.Benchmarks.Reporting.Charts;

/// <summary>Draws the pictures of a scenario from the JSON form of its report, and from nothing else.</summary>
internal static class ChartWriter
{
    /// <summary>Writes the pictures into a folder and says which.</summary>
    /// <exception cref="FormatException">The text is no report.</exception>
    public static IReadOnlyList<string> Write(string json, string folder)
    {
        var report = JsonNode.Parse(json) as JsonObject ?? throw new FormatException("The report is no JSON object.");
        var scenario = (string?)report["scenario"] ?? throw new FormatException("The report has no scenario.");
        var medians = report["medians"] as JsonObject ?? throw new FormatException("The report has no medians.");
        var units = report["units"] as JsonObject ?? throw new FormatException("The report has no units.");
        var values = medians.Select(m => new Bar(m.Key, (double)m.Value!, (string?)units[m.Key] ?? "")).ToList();

        Directory.CreateDirectory(folder);
        List<string> written = [];
        foreach (var (name, svg) in Pictures(scenario, values))
        {
            var path = Path.Combine(folder, $"{name}.svg");
            File.WriteAllText(path, svg.ToString());
            written.Add(path);
        }

        return written;
    }

    private static IEnumerable<(string Name, Svg Picture)> Pictures(string scenario, List<Bar> values)
    {
        // What ends in a number was measured at that size, and says something by how it changes with it.
        var growing = values.Select(v => (Bar: v, Size: SizeOf(v.Name))).Where(v => v.Size > 0).ToList();
        if (growing.Count > 0)
        {
            var series = growing.GroupBy(g => g.Bar.Name[(scenario.Length + 1)..g.Bar.Name.LastIndexOf('.')])
                .Where(g => !g.Key.Contains('.', StringComparison.Ordinal) && g.Count() > 1)
                .Select(g => new Series(g.Key, [.. g.OrderBy(p => p.Size).Select(p => (p.Size, p.Bar.Value))]))
                .ToList();
            yield return (scenario, GrowthChart.Draw($"{scenario}: cost beside that at the smallest size", series));
            yield break;
        }

        // Two values of different units, or of different databases, belong in different pictures.
        foreach (var group in values.Where(v => v.Unit != "µs each" && !IsDetail(v.Name)).GroupBy(v => (Subject: SubjectOf(v.Name), v.Unit)))
        {
            var name = string.Concat($"{group.Key.Subject}-{group.Key.Unit}".Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
            yield return (name, BarChart.Draw($"{group.Key.Subject}, {group.Key.Unit}", [.. group.OrderByDescending(b => b.Value)]));
        }
    }

    private static long SizeOf(string name) =>
        long.TryParse(name.AsSpan(name.LastIndexOf('.') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : 0;

    /// <summary>Of the bytes of many conversations one picture shows those of the made one; the rest stands in the tables.</summary>
    private static bool IsDetail(string name) =>
        name.StartsWith("transcript.", StringComparison.Ordinal) && name.EndsWith("bytes", StringComparison.Ordinal)
        && (!name.Contains(".made.", StringComparison.Ordinal) || name.EndsWith(".whole-database-bytes", StringComparison.Ordinal));

    private static string SubjectOf(string name) => name.Split('.') switch
    {
        ["append" or "latency", "postgresql" or "sqlite", ..] parts => $"{parts[0]}.{parts[1]}",
        ["transcript", "rate" or "restore", ..] parts => $"{parts[0]}.{parts[1]}",
        ["transcript", var part, ..] when part.StartsWith("codec-", StringComparison.Ordinal) => "transcript.codec",
        var parts => parts[0],
    };
}

/// <summary>A median.</summary>
internal sealed record Bar(string Name, double Value, string Unit);

/// <summary>What one operation costs by size.</summary>
internal sealed record Series(string Name, IReadOnlyList<(long Size, double Value)> Points);
