using System.Text.Json;
using System.Text.Json.Nodes;

namespace Forge.AgentFramework.Http;

/// <summary>A session as a silo answers it.</summary>
internal static class SessionDocument
{
    private const string Labels = "labels";

    /// <summary>The settings of a session with labels beside those that it has, as they are put; null if it has all of them.</summary>
    /// <param name="session">The session; null for one that does not exist.</param>
    /// <param name="labels">The labels.</param>
    public static byte[]? WithLabels(byte[]? session, IReadOnlyDictionary<string, string> labels)
    {
        var settings = session is null ? [] : JsonNode.Parse(session)?["settings"]?.AsObject() ?? [];
        var all = settings[Labels]?.AsObject() ?? [];
        if (labels.All(label => all[label.Key] is JsonValue value && value.TryGetValue(out string? text) && text == label.Value))
        {
            return null;
        }

        foreach (var (name, value) in labels)
        {
            all[name] = value;
        }

        settings.Remove(Labels);
        WithoutNulls(settings);
        settings[Labels] = all;
        return JsonSerializer.SerializeToUtf8Bytes(settings);
    }

    /// <summary>Leaves out what is answered as null, which is what is not set.</summary>
    private static void WithoutNulls(JsonObject settings)
    {
        foreach (var (name, value) in settings.ToList())
        {
            if (value is null)
            {
                settings.Remove(name);
            }
            else if (value is JsonObject inner)
            {
                WithoutNulls(inner);
            }
        }
    }
}
