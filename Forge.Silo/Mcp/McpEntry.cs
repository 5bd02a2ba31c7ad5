using System.Net.Mime;
using System.Runtime.InteropServices;
using Forge.Silo.Http;
using Microsoft.Extensions.Options;

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

        if (!http.Request.HasJsonContentType())
        {
            throw new UnsupportedBodyException("contentType", $"must be {MediaTypeNames.Application.Json}");
        }

        var body = await RequestBody.ReadAsync(http, "body", options.Value.RequestBytes);
        http.RequestServices.GetRequiredService<McpRequest>().Begin(body, http.User);
        http.Request.Body = MemoryMarshal.TryGetArray(body, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(body.ToArray(), writable: false);
        return await next(context);
    }
}
