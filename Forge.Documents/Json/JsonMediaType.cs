using System.Net.Mime;

namespace Forge.Documents.Json;

/// <summary>The media types of JSON.</summary>
internal static class JsonMediaType
{
    /// <summary>
    /// True for that of JSON itself and for those that end with <c>+json</c>, whatever stands behind a <c>;</c>: parameters that are none
    /// make a state no less JSON.
    /// </summary>
    public static bool Includes(string contentType)
    {
        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        var name = (end < 0 ? contentType.AsSpan() : contentType.AsSpan(0, end)).Trim();
        return name.Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase)
            || (name.Contains('/') && name.EndsWith("+json", StringComparison.OrdinalIgnoreCase));
    }
}
