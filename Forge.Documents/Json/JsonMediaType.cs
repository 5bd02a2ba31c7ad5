using System.Net.Http.Headers;
using System.Net.Mime;

namespace Forge.Documents.Json;

/// <summary>The media types of JSON.</summary>
internal static class JsonMediaType
{
    /// <summary>True for that of JSON itself and for those that end with <c>+json</c>, whatever parameters they have.</summary>
    public static bool Includes(string contentType) =>
        contentType == MediaTypeNames.Application.Json
        || (MediaTypeHeaderValue.TryParse(contentType, out var type)
            && type.MediaType is { } name
            && (name.Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase)
                || name.EndsWith("+json", StringComparison.OrdinalIgnoreCase)));
}
