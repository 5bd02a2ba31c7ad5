using System.Text.Json;
using System.Text.Json.Nodes;
using Forge.Benchmarks.Measuring;

namespace Forge.Benchmarks.Reporting;

/// <summary>What a run found: medians by name, and ratios of them.</summary>
internal sealed class BenchmarkReport(string scenario, bool quick)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly List<Finding> _findings = [];
    private readonly List<(string Name, double Value, string Of)> _ratios = [];
    private readonly List<string> _notes = [];

    public string Scenario { get; } = scenario;

    public bool Quick { get; } = quick;

    public Machine Machine { get; } = Machine.Read();

    public IReadOnlyList<Finding> Findings => _findings;

    public IReadOnlyList<(string Name, double Value, string Of)> Ratios => _ratios;

    /// <summary>What a reader has to know besides: what was left out, and why.</summary>
    public IReadOnlyList<string> Notes => _notes;

    public void AddSamples(string name, string unit, IReadOnlyList<double> samples) =>
        _findings.Add(new Finding(name, unit, Samples.Median(samples), samples.Min(), samples.Max()));

    public void Add(string name, string unit, double value) => _findings.Add(new Finding(name, unit, value, value, value));

    public void Note(string note) => _notes.Add(note);

    /// <summary>Reports one median divided by another, if both were measured.</summary>
    public void AddRatio(string name, string numerator, string denominator)
    {
        if (Find(numerator) is { } above && Find(denominator) is { } below)
        {
            _ratios.Add((name, above / below, $"{numerator} ÷ {denominator}"));
        }
    }

    /// <summary>Puts a median among the ratios as it is, if it has a bound of its own.</summary>
    public void AddAbsolute(string name)
    {
        if (_findings.Find(f => f.Name == name) is { } finding)
        {
            _ratios.Add((name, finding.Median, $"the median itself, in {finding.Unit}"));
        }
    }

    public double? Find(string name) => _findings.Find(f => f.Name == name)?.Median;

    public string ToJson() => new JsonObject
    {
        ["scenario"] = Scenario,
        ["quick"] = Quick,
        ["machine"] = JsonSerializer.SerializeToNode(Machine, JsonSerializerOptions.Web),
        ["ratios"] = Numbers(_ratios.Select(r => (r.Name, r.Value))),
        ["medians"] = Numbers(_findings.Select(f => (f.Name, f.Median))),
        ["units"] = new JsonObject(_findings.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Unit))),
        ["notes"] = new JsonArray([.. _notes.Select(n => (JsonNode)n)]),
    }.ToJsonString(Indented);

    private static JsonObject Numbers(IEnumerable<(string Name, double Value)> values) =>
        new(values.Select(v => KeyValuePair.Create(v.Name, (JsonNode?)Round(v.Value))));

    // Four digits say all that a median of a few rounds can.
    private static double Round(double value) => value == 0
        ? 0
        : double.Parse(value.ToString("G4", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A median with the least and the greatest of its rounds.</summary>
internal sealed record Finding(string Name, string Unit, double Median, double Least, double Greatest);
