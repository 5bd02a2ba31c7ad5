using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Forge.Grains.Tests.Operations;

/// <summary>The files of <c>deploy</c>, read as what they are.</summary>
internal static class DeployFiles
{
    private static readonly IDeserializer Reader = new DeserializerBuilder().Build();

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "deploy");

    /// <summary>The manifests of Kubernetes, the example of a secret too.</summary>
    public static List<JsonObject> Manifests =>
        [.. Directory.EnumerateFiles(Path.Combine(Folder, "kubernetes"), "*.yaml").Order(StringComparer.Ordinal).SelectMany(file => Read(File.ReadAllText(file)))];

    public static JsonObject Compose => Assert.Single(Read(File.ReadAllText(Path.Combine(Folder, "compose.yaml"))));

    /// <summary>The lines of the Dockerfile, each with what it goes on with, without comments.</summary>
    public static List<string> Dockerfile =>
        [
            .. File.ReadAllText(Path.Combine(Folder, "Dockerfile")).Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
                .Where(line => line.Length > 0 && line[0] != '#'),
        ];

    /// <summary>The one manifest of a kind, or of a kind and a name.</summary>
    public static JsonObject Manifest(string kind, string name = "forge") =>
        Manifests.Single(manifest => Text(manifest["kind"]) == kind && Text(manifest["metadata"]?["name"]) == name);

    /// <summary>The files that the kustomization names.</summary>
    public static IEnumerable<string> Kustomized =>
        Manifests.Single(manifest => Text(manifest["kind"]) == "Kustomization")["resources"]!.AsArray().Select(Text)!;

    public static bool Has(string file) => File.Exists(Path.Combine(Folder, "kubernetes", file));

    public static string Text(JsonNode? node) => node?.ToString() ?? "";

    private static IEnumerable<JsonObject> Read(string text) =>
        from document in text.Split("\n---\n")
        let parser = new MergingParser(new YamlDotNet.Core.Parser(new StringReader(document)))
        select (JsonObject)ToJson(Reader.Deserialize<object>(parser))!;

    private static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        IDictionary<object, object> map => new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key.ToString()!, ToJson(pair.Value)))),
        IEnumerable<object> list => new JsonArray([.. list.Select(ToJson)]),
        _ => JsonValue.Create(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)),
    };
}
