using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Forge.Errors;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.WebUtilities;

namespace Forge.Silo.Http;

/// <summary>
/// The target of a request as it was sent. The server decodes some of it, leaves what it cannot decode as it stands, and
/// takes dot segments away: without these rules several URLs would name one session, or one URL another thing than it says.
/// </summary>
internal static class RequestTarget
{
    private const string NotEncoded = "must be UTF-8 where it is percent-encoded";

    /// <exception cref="InvalidRequestException">
    /// What is percent-encoded is no UTF-8, or a segment of the path holds a slash, or is <c>.</c> or <c>..</c>.
    /// </exception>
    public static void RequirePath(HttpContext context)
    {
        var pattern = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.PathSegments;
        var path = PathOf(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        var index = -1;
        foreach (var part in path.Split('/'))
        {
            var segment = path[part];
            var problem = Decode(segment) switch
            {
                null => NotEncoded,
                "." or ".." => "must not be '.' or '..'",
                var text when text.Contains('/', StringComparison.Ordinal) => "must not hold a '/'",
                _ => null,
            };
            if (problem is not null)
            {
                throw new InvalidRequestException(NameOf(index), problem);
            }

            index++;
        }

        string NameOf(int at) => at >= 0 && at < pattern?.Count && pattern[at].Parts is [RoutePatternParameterPart parameter]
            ? parameter.Name
            : "path";
    }

    /// <summary>Refuses names that are not known, of a query whose names and values are looked at as they were sent.</summary>
    /// <param name="context">The request.</param>
    /// <param name="known">The parameters that are known.</param>
    /// <exception cref="InvalidRequestException">A name is not known, or what is percent-encoded is no UTF-8.</exception>
    public static void RequireQuery(HttpContext context, IReadOnlyList<QueryParameter> known)
    {
        foreach (var pair in new QueryStringEnumerable(context.Request.QueryString.Value))
        {
            var name = Decode(pair.EncodedName.Span) ?? throw new InvalidRequestException("query", NotEncoded);
            if (!known.Any(parameter => parameter.Name == name))
            {
                throw new InvalidRequestException(name, "is not a known query parameter");
            }

            _ = Decode(pair.EncodedValue.Span) ?? throw new InvalidRequestException(name, NotEncoded);
        }
    }

    private static ReadOnlySpan<char> PathOf(string target)
    {
        var path = target.AsSpan();
        if (!path.StartsWith('/') && path.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0)
        {
            // A proxy's form has the authority before it.
            path = path[(scheme + 3)..];
            path = path.IndexOf('/') is var start and >= 0 ? path[start..] : default;
        }

        return path.IndexOf('?') is var query and >= 0 ? path[..query] : path;
    }

    /// <summary>The text that is encoded; null if it is not well-formed.</summary>
    private static string? Decode(ReadOnlySpan<char> encoded)
    {
        if (!encoded.Contains('%'))
        {
            return encoded.ToString();
        }

        var bytes = new byte[encoded.Length * 3];
        var length = 0;
        while (!encoded.IsEmpty)
        {
            if (encoded[0] != '%')
            {
                var plain = encoded.IndexOf('%') is var next and >= 0 ? encoded[..next] : encoded;
                length += Encoding.UTF8.GetBytes(plain, bytes.AsSpan(length));
                encoded = encoded[plain.Length..];
            }
            else if (encoded.Length >= 3
                && byte.TryParse(encoded[1..3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[length]))
            {
                length++;
                encoded = encoded[3..];
            }
            else
            {
                return null;
            }
        }

        return Utf8.IsValid(bytes.AsSpan(0, length)) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }
}
