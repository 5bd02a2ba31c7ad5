using Microsoft.Net.Http.Headers;

namespace Forge.Silo.Timeline;

/// <summary>The answer of a file of the page.</summary>
/// <param name="file">The file.</param>
/// <param name="cache">How long it may be kept, as <c>Cache-Control</c> has it.</param>
internal sealed class TimelineResult(TimelineFile file, string cache) : IResult
{
    /// <summary>
    /// Nothing runs or is drawn but what comes from here, nothing is sent elsewhere, and no other page has this one in a frame: what
    /// agents save is shown here, and it may be hostile.
    /// </summary>
    public const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        var headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = cache;
        var (bytes, entityTag) = TakesGzip(request) ? (file.Compressed, file.CompressedTag) : (file.Plain, file.Tag);
        headers.ETag = entityTag;
        headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        if (request.GetTypedHeaders().IfNoneMatch.Any(tag => tag.Tag == "*" || tag.Tag == entityTag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (bytes == file.Compressed)
        {
            headers.ContentEncoding = "gzip";
        }

        response.ContentType = file.ContentType;
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(request.Method))
        {
            await response.Body.WriteAsync(bytes, httpContext.RequestAborted);
        }
    }

    private static bool TakesGzip(HttpRequest request) =>
        request.GetTypedHeaders().AcceptEncoding.Any(coding => coding.Value == "gzip" && coding.Quality is not 0);
}
