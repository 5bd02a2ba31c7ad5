using System.Text;
using System.Text.Json;
using Forge.Identity;
using Forge.Silo.Http;
using Forge.Silo.Security.Callers;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Forge.Silo.Mcp;

/// <summary>
/// The sessions as resources: <c>forge://{tenant}/{session}</c> is what one is, and <c>…/latest</c> the newest state of its branch
/// <c>main</c>. The tenant is that of the caller; another one's sessions are not there.
/// </summary>
internal sealed class McpResources(McpCalls calls)
{
    private const string Scheme = "forge://";
    private const string Latest = "latest";
    private const string Json = "application/json";
    private const int PageItems = 50;

    /// <summary>How many characters are told of what is not there.</summary>
    private const int Told = 300;

    /// <summary>Lists sessions, those with the newest checkpoints first.</summary>
    /// <exception cref="McpProtocolException">The cursor is none.</exception>
    public async ValueTask<ListResourcesResult> ListAsync(RequestContext<ListResourcesRequestParams> context, CancellationToken cancellationToken)
    {
        var request = context.Services!.GetRequiredService<McpRequest>();
        using var call = calls.Begin(request);
        var parameters = new McpParameters().With("order", "activity").With("limit", PageItems);
        if (context.Params?.Cursor is { } cursor)
        {
            parameters.With("cursor", cursor);
        }

        using var page = JsonDocument.Parse(await RunAsync(call, context, "listSessions", parameters, cancellationToken));
        return new ListResourcesResult
        {
            Resources = [.. page.RootElement.GetProperty("items").EnumerateArray().Select(Tell)],
            NextCursor = page.RootElement.GetProperty("next").GetString(),
        };
    }

    /// <summary>Tells how the resources are named.</summary>
    public static ValueTask<ListResourceTemplatesResult> ListTemplatesAsync(
        RequestContext<ListResourceTemplatesRequestParams> context, CancellationToken cancellationToken) => ValueTask.FromResult(new ListResourceTemplatesResult
        {
            ResourceTemplates =
            [
                new ResourceTemplate
                {
                    Name = "session",
                    Title = "A session",
                    UriTemplate = $"{Scheme}{{tenant}}/{{session}}",
                    Description = $"What a session is now. The tenant is '{TenantId.Default.Value}' unless your credentials say otherwise.",
                    MimeType = Json,
                },
                new ResourceTemplate
                {
                    Name = "latest state",
                    Title = "The latest state of a session",
                    UriTemplate = $"{Scheme}{{tenant}}/{{session}}/{Latest}",
                    Description = "The state of the newest checkpoint on main; in outline if it is too large, of which read_state tells the parts.",
                },
            ],
        });

    /// <summary>Reads one.</summary>
    /// <exception cref="McpProtocolException">It is not there, or cannot be read.</exception>
    public async ValueTask<ReadResourceResult> ReadAsync(RequestContext<ReadResourceRequestParams> context, CancellationToken cancellationToken)
    {
        var uri = context.Params?.Uri ?? "";
        var request = context.Services!.GetRequiredService<McpRequest>();
        var (session, isLatest) = Parse(uri, Caller.TenantOf(request.User)) ?? throw Missing(context, uri, cause: null);
        using var call = calls.Begin(request);
        var parameters = new McpParameters().With("session", session);
        ResourceContents contents;
        if (isLatest)
        {
            var state = McpState.Read(await RunAsync(call, context, "getCheckpoint", parameters.With("checkpoint", Latest), cancellationToken));
            contents = StateOf(uri, state, call.AnswerBytes);
        }
        else
        {
            var info = McpFit.Shorten(await RunAsync(call, context, "getSession", parameters, cancellationToken), call.AnswerBytes);
            contents = new TextResourceContents { Uri = uri, MimeType = Json, Text = Encoding.UTF8.GetString(info.Span) };
        }

        return new ReadResourceResult { Contents = [contents] };
    }

    private static ResourceContents StateOf(string uri, McpState state, int room)
    {
        if (state.Bytes.Length <= room && (state.IsJson || state.IsText))
        {
            return new TextResourceContents { Uri = uri, MimeType = state.ContentType, Text = Encoding.UTF8.GetString(state.Bytes.Span) };
        }

        // Base 64 is a third longer.
        if (state.Bytes.Length <= room / 4 * 3 && !state.IsJson)
        {
            return BlobResourceContents.FromBytes(state.Bytes, uri, state.ContentType);
        }

        return new TextResourceContents { Uri = uri, MimeType = Json, Text = Encoding.UTF8.GetString(McpStateAnswer.Outline(state, room).Span) };
    }

    private static Resource Tell(JsonElement session)
    {
        var name = session.GetProperty("session").GetString()!;
        return new Resource
        {
            Uri = $"{Scheme}{Uri.EscapeDataString(session.GetProperty("tenant").GetString()!)}/{Uri.EscapeDataString(name)}",
            Name = name,
            Description = $"{session.GetProperty("count").GetInt64()} checkpoints; active at {session.GetProperty("activeAt").GetString()}",
            MimeType = Json,
        };
    }

    /// <summary>The session that a URI names, and whether its latest state is meant; null for one of another form or tenant.</summary>
    private static (string Session, bool IsLatest)? Parse(string uri, TenantId ofCaller)
    {
        if (!uri.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return null;
        }

        return uri[Scheme.Length..].Split('/') is [var tenant, var session, .. var rest] && Uri.UnescapeDataString(tenant) == ofCaller.Value && session.Length > 0
            && rest is [] or [Latest] ? (Uri.UnescapeDataString(session), rest.Length > 0) : null;
    }

    private static async Task<ReadOnlyMemory<byte>> RunAsync<T>(
        McpCall call, RequestContext<T> context, string operation, McpParameters parameters, CancellationToken cancellationToken)
    {
        try
        {
            return await call.RunAsync(operation, parameters, cancellationToken);
        }
        catch (McpProblemException exception)
        {
            using var problem = JsonDocument.Parse(exception.Document.Bytes);
            var (status, detail) = (problem.RootElement.GetProperty("status").GetInt32(), problem.RootElement.GetProperty("detail").GetString());
            throw status is StatusCodes.Status404NotFound or StatusCodes.Status410Gone
                ? Missing(context, detail, exception)
                : new McpProtocolException(
                    detail ?? operation, exception,
                    status < StatusCodes.Status429TooManyRequests ? McpErrorCode.InvalidParams : McpErrorCode.InternalError);
        }
    }

    // The number of a resource that is not there is another one since 2026-07-28.
    private static McpProtocolException Missing<T>(RequestContext<T> context, string? what, Exception? cause) => new(
        $"There is no such resource: {JsonText.Cut(what ?? "", Told)}", cause,
        string.CompareOrdinal(context.Server.NegotiatedProtocolVersion, "2026-07-28") >= 0 ? McpErrorCode.InvalidParams : McpErrorCode.ResourceNotFound);
}
