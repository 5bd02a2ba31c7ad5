using System.Text;
using System.Text.Json;
using Forge.Silo.Http;
using Forge.Silo.Rpc;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Forge.Silo.Mcp;

/// <summary>The tools: what they are, and their calls.</summary>
internal sealed class McpTools
{
    private readonly McpCalls _calls;
    private readonly Lazy<List<Tool>> _told;

    public McpTools(McpCalls calls, RpcOperations operations)
    {
        _calls = calls;

        // Routes are there once the host has started.
        _told = new(() => [.. All.Select(tool => Tell(tool, operations.All[tool.Operation]))]);
    }

    /// <summary>All of them.</summary>
    public static IReadOnlyList<McpTool> All { get; } = [.. McpReadTools.All, .. McpChangeTools.All];

    /// <summary>Tells what there is.</summary>
    public ValueTask<ListToolsResult> ListAsync(RequestContext<ListToolsRequestParams> request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ListToolsResult { Tools = [.. _told.Value] });

    /// <summary>Carries out a call. What goes wrong is told as the answer, so that a model sees it and can do better.</summary>
    /// <exception cref="McpProtocolException">There is no such tool.</exception>
    public async ValueTask<CallToolResult> CallAsync(RequestContext<CallToolRequestParams> context, CancellationToken cancellationToken)
    {
        var tool = All.FirstOrDefault(tool => tool.Name == context.Params?.Name)
            ?? throw new McpProtocolException("There is no such tool; tools/list tells them.", McpErrorCode.InvalidParams);
        var request = context.Services!.GetRequiredService<McpRequest>();
        using var call = _calls.Begin(request);
        McpToolCall? toolCall = null;
        try
        {
            toolCall = new McpToolCall(tool, call, request.Arguments());
            return Result(await tool.Answer.AnswerAsync(toolCall, cancellationToken), isError: false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            return Result(ProblemOf(tool, toolCall, _calls.ProblemOf(tool.Name, exception), exception is McpProblemException), isError: true);
        }
    }

    /// <summary>The problem by the names that the caller knows, and with the request id that a change was made under.</summary>
    private ReadOnlyMemory<byte> ProblemOf(McpTool tool, McpToolCall? call, RawJson problem, bool isOfOperation) => McpFit.Shorten(
        McpJson.Write(writer =>
        {
            writer.WriteStartObject();
            JsonValue.Find(problem.Bytes, JsonPointer.Whole).Walk(0, (_, name, value) =>
            {
                if (isOfOperation && name == "field" && value.Type == JsonTokenType.String)
                {
                    writer.WriteString(name, CallOf(tool, JsonText.Of(value.Json.Span)));
                }
                else if (name is not ("type" or "traceId"))
                {
                    writer.WriteRaw(name!, value.Json);
                }

                return true;
            });
            writer.WriteEndObject();
        }),
        _calls.AnswerBytes,
        "sentRequestId",

        // A conflict tells the id that the key stands for; what the caller knows is the key.
        call?.RequestId);

    private static string CallOf(McpTool tool, string field) => tool.Arguments.FirstOrDefault(argument => !argument.IsOwn && argument.Parameter == field)?.Name
        ?? (field == "forgeEpoch" ? "epoch" : field);

    private static CallToolResult Result(ReadOnlyMemory<byte> json, bool isError) => new()
    {
        Content = [new TextContentBlock { Text = Encoding.UTF8.GetString(json.Span) }],

        // Clients hold what is structured against the tool's schema, some of them errors too, of which nothing would be left.
        StructuredContent = isError ? null : JsonDocument.Parse(json).RootElement,
        IsError = isError,
    };

    private static Tool Tell(McpTool tool, RpcOperation operation) => new()
    {
        Name = tool.Name,
        Title = tool.Title,
        Description = tool.Description,
        InputSchema = McpSchema.Of(tool, operation),
        OutputSchema = JsonDocument.Parse(tool.Answer.Schema).RootElement,
        Annotations = new ToolAnnotations
        {
            Title = tool.Title,
            ReadOnlyHint = tool.Hints.ReadOnly,
            DestructiveHint = tool.Hints.Destructive,
            IdempotentHint = tool.Hints.Idempotent,
            OpenWorldHint = false,
        },
    };
}
