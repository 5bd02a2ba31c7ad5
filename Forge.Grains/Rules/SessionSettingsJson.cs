using System.Text.Json;
using Forge.Sessions;

namespace Forge.Grains.Rules;

/// <summary>A session's settings as the head row and exports hold them.</summary>
internal static class SessionSettingsJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static string Write(SessionSettings settings) => JsonSerializer.Serialize(settings, Options);

    /// <summary>The settings; the empty ones if there are none.</summary>
    public static SessionSettings Read(string? settings) =>
        settings is null ? new SessionSettings() : JsonSerializer.Deserialize<SessionSettings>(settings, Options)!;

    /// <summary>The settings in UTF-8; null for a JSON null.</summary>
    /// <exception cref="JsonException">They cannot be read.</exception>
    public static SessionSettings? Read(ReadOnlyMemory<byte> settings) =>
        JsonSerializer.Deserialize<SessionSettings>(settings.Span, Options);
}
