using System.Text.Json;
using Forge.Sessions;

namespace Forge.Grains.Rules;

/// <summary>A session's settings as the head row and exports hold them.</summary>
internal static class SessionSettingsJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <summary>What callers give is read as strictly as the rest of a document: each name once, and known.</summary>
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    public static string Write(SessionSettings settings) => JsonSerializer.Serialize(settings, Options);

    /// <summary>The settings; the empty ones if there are none.</summary>
    public static SessionSettings Read(string? settings) =>
        settings is null ? new SessionSettings() : JsonSerializer.Deserialize<SessionSettings>(settings, Options)!;

    /// <summary>The settings of a document; null for a JSON null.</summary>
    /// <exception cref="JsonException">They cannot be read, or say what is not known.</exception>
    public static SessionSettings? ReadDocument(string settings) => JsonSerializer.Deserialize<SessionSettings>(settings, Strict);
}
