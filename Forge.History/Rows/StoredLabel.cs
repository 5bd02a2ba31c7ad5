using System.Text;
using System.Text.Json;

namespace Forge.History.Rows;

/// <summary>A label of a session as a row by which it is found.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
internal readonly record struct StoredLabel(string Name, string Value)
{
    /// <summary>
    /// The most bytes of UTF-8 of a name and its value. An index of PostgreSQL holds no more than about 2,700 bytes a row, of which tenant
    /// and session take up to 400. No label is longer with the usual limits.
    /// </summary>
    public const int MostBytes = 2048;

    private const string Labels = "labels";

    /// <summary>The bytes of its name and value.</summary>
    public int Bytes => Encoding.UTF8.GetByteCount(Name) + Encoding.UTF8.GetByteCount(Value);

    /// <summary>
    /// The labels of settings as the head row has them, each name once. Settings that cannot be read have none, and a label that is
    /// longer than an index takes is left out: the migration that made these rows says the same.
    /// </summary>
    public static IReadOnlyList<StoredLabel> Of(string? settings)
    {
        if (settings is null)
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(settings);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(Labels, out var labels) && labels.ValueKind == JsonValueKind.Object
                ? Of(labels)
                : [];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second for what is no text, as half a surrogate pair.
            return [];
        }
    }

    private static StoredLabel[] Of(JsonElement labels)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in labels.EnumerateObject().Where(l => l.Value.ValueKind == JsonValueKind.String))
        {
            found[label.Name] = label.Value.GetString()!;
        }

        return [.. found.Select(l => new StoredLabel(l.Key, l.Value)).Where(l => l.Bytes <= MostBytes)];
    }
}
