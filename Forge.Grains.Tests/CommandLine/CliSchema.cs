using System.Text.Json.Nodes;
using Json.Schema;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>What the command line writes for programs.</summary>
internal static class CliSchema
{
    private static readonly JsonObject Definitions = JsonNode.Parse(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "CommandLine", "cli.schema.json")))!["$defs"]!.AsObject();

    /// <summary>Holds each line of an output against the schema, and answers how many there are.</summary>
    public static int Check(string definition, string output)
    {
        var schema = JsonSchema.FromText(new JsonObject { ["$ref"] = $"#/$defs/{definition}", ["$defs"] = Definitions.DeepClone() }.ToJsonString());
        var lines = output.TrimEnd('\n').Split('\n');
        Assert.All(lines, line => Assert.True(
            schema.Evaluate(JsonNode.Parse(line), new EvaluationOptions { RequireFormatValidation = true }).IsValid, $"{definition}: {line}"));
        return lines.Length;
    }
}
