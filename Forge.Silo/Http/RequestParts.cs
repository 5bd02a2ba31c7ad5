using System.Net.Mime;
using Forge.Errors;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Forge.Silo.Http;

/// <summary>A header that a route knows, of those that say what a request means.</summary>
internal sealed record KnownHeader(string Name);

/// <summary>Marks a route that takes a body.</summary>
/// <param name="ContentType">The media type of it, of those that the route tells apart.</param>
internal sealed record TakesBody(string ContentType);

/// <summary>Marks a route whose body is lines of JSON.</summary>
/// <param name="Name">What they are together, as errors name it.</param>
/// <param name="Limit">The most bytes that they can need.</param>
internal sealed record TakesLines(string Name, Func<BodyLimits, long> Limit);

/// <summary>
/// Refuses each part of a request that its route does not know, before its handler: a part that is misspelt, or stands in the
/// wrong place, must not be taken for granted. What a route knows is what it declares (<see cref="RouteDescriptions"/>).
/// </summary>
internal static class RequestParts
{
    private const string OurHeaders = "Forge-";
    private const string Ndjson = "application/x-ndjson";

    /// <summary>Headers with which a change means something else than without them.</summary>
    private static readonly HashSet<string> ConditionsOfChanges = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.IfMatch, HeaderNames.IfNoneMatch, HeaderNames.IfUnmodifiedSince, HeaderNames.ContentRange,
    };

    /// <exception cref="InvalidRequestException">A part is not known.</exception>
    public static async Task RefuseUnknownAsync(HttpContext context, RequestDelegate next)
    {
        RequestTarget.RequirePath(context);
        if (context.GetEndpoint() is RouteEndpoint route)
        {
            RequestTarget.RequireQuery(context, route.Metadata.GetOrderedMetadata<QueryParameter>());
            RefuseHeaders(context.Request, route.Metadata);
            if (route.Metadata.GetMetadata<TakesBody>() is null)
            {
                await RefuseBodyAsync(context);
            }
            else
            {
                RequireText(context.Request, route.Metadata);
                ContentCodings.Decode(context);
            }
        }

        await next(context);
    }

    private static void RefuseHeaders(HttpRequest request, EndpointMetadataCollection declared)
    {
        var changes = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);
        foreach (var name in request.Headers.Keys)
        {
            var matters = name.StartsWith(OurHeaders, StringComparison.OrdinalIgnoreCase)
                || name.Equals(RequestIds.Header, StringComparison.OrdinalIgnoreCase)
                || (changes && ConditionsOfChanges.Contains(name));
            if (matters && !declared.GetOrderedMetadata<KnownHeader>().Any(header => name.Equals(header.Name, StringComparison.OrdinalIgnoreCase)))
            {
                throw new InvalidRequestException(FieldOf(name), "is a header that this route does not know");
            }
        }
    }

    private static async Task RefuseBodyAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
            && (context.Request.ContentLength > 0 || await context.Request.Body.ReadAsync(new byte[1], context.RequestAborted) > 0))
        {
            throw new InvalidRequestException("body", "must be empty: this route takes none");
        }
    }

    /// <summary>JSON is UTF-8; what says that it is something else would be read as what it is not.</summary>
    private static void RequireText(HttpRequest request, EndpointMetadataCollection declared)
    {
        if (request.Headers.ContentType.Count > 1)
        {
            throw new InvalidRequestException("contentType", "is given twice");
        }

        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && (type.MediaType.Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase)
                || type.MediaType.Equals(Ndjson, StringComparison.OrdinalIgnoreCase))
            && type.Charset.HasValue && !IsUtf8(HeaderUtilities.RemoveQuotes(type.Charset)))
        {
            throw new UnsupportedBodyException("contentType", "must not have another charset than UTF-8 for JSON");
        }
    }

    /// <summary>True for UTF-8 by its name, by the one that is often given to it, and for ASCII, which is a part of it.</summary>
    private static bool IsUtf8(StringSegment charset) =>
        charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
        || charset.Equals("utf8", StringComparison.OrdinalIgnoreCase)
        || charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase);

    private static string FieldOf(string header)
    {
        var name = header.Replace("-", "", StringComparison.Ordinal);
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}
