using System.Text.Json;
using Forge.Errors;
using Forge.Silo.Rpc;

namespace Forge.Silo.Mcp;

/// <summary>How tools of a kind are answered.</summary>
internal interface IMcpAnswer
{
    /// <summary>The answer as a JSON Schema.</summary>
    string Schema { get; }

    /// <summary>Carries out a call.</summary>
    /// <returns>The answer: a JSON object of at most <see cref="McpToolCall.Room"/> bytes.</returns>
    /// <exception cref="McpProblemException">An operation ended with a problem.</exception>
    /// <exception cref="ForgeException">An argument is wrong.</exception>
    Task<ReadOnlyMemory<byte>> AnswerAsync(McpToolCall call, CancellationToken cancellationToken);
}

/// <summary>A call of a tool.</summary>
internal sealed class McpToolCall
{
    /// <summary>What an argument is called that makes a change safe to send again.</summary>
    public const string RequestIdName = "requestId";

    private readonly McpTool _tool;
    private readonly McpCall _call;
    private readonly Dictionary<string, RpcMember> _given = new(StringComparer.Ordinal);

    /// <summary>Looks at the arguments.</summary>
    /// <exception cref="InvalidRequestException">One is not known, or one is missing.</exception>
    public McpToolCall(McpTool tool, McpCall call, RpcParams arguments)
    {
        (_tool, _call) = (tool, call);
        foreach (var member in arguments.Members)
        {
            var argument = tool.Arguments.FirstOrDefault(argument => argument.Name == member.Name)
                ?? throw new InvalidRequestException(member.Name, $"is not a known argument of {tool.Name}");
            _given.Add(argument.Name, member);
        }

        if (tool.Arguments.FirstOrDefault(argument => argument.IsRequired && !IsGiven(argument.Name)) is { } missing)
        {
            throw new InvalidRequestException(missing.Name, "must be given");
        }

        if (tool.Arguments.Any(argument => argument.Name == RequestIdName) && !IsDryRun)
        {
            // A caller that is left without an answer knows no more than one that gave none; one that gave its own can call again.
            RequestId = Text(RequestIdName) ?? $"mcp-{Guid.NewGuid():N}";
        }
    }

    /// <summary>What makes the change safe to send again; null for what changes nothing.</summary>
    public string? RequestId { get; }

    /// <summary>The most bytes of the answer.</summary>
    public int Room => _call.AnswerBytes;

    private bool IsDryRun => _given.TryGetValue("dryRun", out var dryRun) && dryRun.Type == JsonTokenType.True;

    /// <summary>True if an argument is there, and is no JSON null.</summary>
    public bool IsGiven(string name) => _given.TryGetValue(name, out var member) && member.Type != JsonTokenType.Null;

    /// <summary>An argument that is a text or a number, as text; null if it was not given.</summary>
    /// <exception cref="InvalidRequestException">It is something else.</exception>
    public string? Text(string name) => _given.TryGetValue(name, out var member) ? member.Single() : null;

    /// <summary>The parameters of the operation, of the arguments that are no tool's own.</summary>
    public McpParameters Parameters()
    {
        var parameters = new McpParameters();
        foreach (var argument in _tool.Arguments.Where(argument => !argument.IsOwn && _given.ContainsKey(argument.Name)))
        {
            parameters.With(_given[argument.Name] with { Name = argument.Parameter });
        }

        if (RequestId is not null)
        {
            parameters.With(_tool.Arguments.First(argument => argument.Name == RequestIdName).Parameter, RequestId);
        }

        return parameters;
    }

    /// <summary>Carries out the operation of the tool.</summary>
    /// <exception cref="McpProblemException">It ended with a problem.</exception>
    public Task<ReadOnlyMemory<byte>> RunAsync(McpParameters parameters, CancellationToken cancellationToken) =>
        _call.RunAsync(_tool.Operation, parameters, cancellationToken);
}
