using System.Net.Mime;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Forge.Errors;
using Forge.Silo.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Forge.Silo.Mcp;

/// <summary>
/// What a request passes before the library sees it: who may call, and a bound on what is sent, as on every route.
/// </summary>
internal sealed class McpEntry(McpCallers callers, IOptions<McpOptions> options) : IEndpointFilter
{
    /// <inheritdoc/>
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (callers.RefusalOf(http.Request) is { } refusal)
        {
            return ProblemAnswers.Result(refusal);
        }

        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            || !type.MediaType.Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase))
        {
            throw new UnsupportedBodyException("contentType", $"must be {MediaTypeNames.Application.Json}");
        }

        // The library reads the body by the charset that is named, which is known to be UTF-8 by some name.
        http.Request.ContentType = MediaTypeNames.Application.Json;
        var body = await RequestBody.ReadAsync(http, "body", options.Value.RequestBytes);
        RequireUnicode(body);
        http.RequestServices.GetRequiredService<McpRequest>().Begin(body, http.User);
        http.Request.Body = MemoryMarshal.TryGetArray(body, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(body.ToArray(), writable: false);
        return await next(context);
    }

    // The library fails on halves of surrogate pairs without a word about what is wrong.
    private static void RequireUnicode(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
        {
            throw new InvalidRequestException("body", "must be UTF-8");
        }

        try
        {
            if (!JsonValue.Find(body, JsonPointer.Whole).IsText)
            {
                throw new InvalidRequestException("body", "must be valid Unicode, and holds half of a surrogate pair");
            }
        }
        catch (JsonException)
        {
            // It is answered as the protocol has it.
        }
    }
}
