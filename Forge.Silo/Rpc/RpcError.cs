using System.Text.Json;
using Forge.Errors;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;

namespace Forge.Silo.Rpc;

/// <summary>
/// The error of a call: a problem as over HTTP, under a number. The number is the problem's status, but where JSON-RPC has one of its own.
/// </summary>
internal sealed class RpcError(IOptions<JsonOptions> json)
{
    public const int Unparsable = -32700;
    public const int InvalidRequest = -32600;
    public const int MethodNotFound = -32601;
    public const int InvalidParams = -32602;
    public const int Internal = -32603;

    /// <summary>The number of what a caller cancelled, as the library has it.</summary>
    public const int Cancelled = (int)JsonRpcErrorCode.RequestCanceled;

    /// <summary>The number of a problem.</summary>
    public static int NumberOf(Problem problem) => problem.Code switch
    {
        "invalid_request" => InvalidParams,
        "internal_error" => Internal,
        _ => problem.Status,
    };

    /// <summary>What a message is refused with that is none.</summary>
    /// <param name="detail">What is wrong with it.</param>
    public static Problem Malformed(string detail) => new(StatusCodes.Status400BadRequest, "invalid_request", detail, ("field", "message"));

    /// <summary>The answer that a problem is.</summary>
    /// <param name="id">The call; that of none if it is not known.</param>
    /// <param name="number">The number.</param>
    /// <param name="problem">The problem.</param>
    public JsonRpcError Answer(RequestId id, int number, Problem problem) => new()
    {
        RequestId = id.IsEmpty ? RequestId.Null : id,
        Error = new JsonRpcError.ErrorDetail { Code = (JsonRpcErrorCode)number, Message = problem.Detail, Data = Document(problem) },
    };

    /// <summary>What a call ends with whose operation ended with a problem.</summary>
    public LocalRpcException Exception(Problem problem, Exception? cause = null) => Exception(NumberOf(problem), problem, cause);

    /// <summary>What a call ends with under a number of its own.</summary>
    public LocalRpcException Exception(int number, Problem problem, Exception? cause = null) =>
        new(problem.Detail, cause) { ErrorCode = number, ErrorData = Document(problem) };

    /// <summary>What a call ends with whose operation answered with a problem itself.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="document">The problem in JSON.</param>
    public static LocalRpcException Exception(int status, ReadOnlyMemory<byte> document)
    {
        using var parsed = JsonDocument.Parse(document);
        var problem = new Problem(
            status, parsed.RootElement.GetProperty("code").GetString()!, parsed.RootElement.GetProperty("detail").GetString()!);
        return new LocalRpcException(problem.Detail) { ErrorCode = NumberOf(problem), ErrorData = new RawJson(document) };
    }

    /// <summary>The problem as HTTP would answer it.</summary>
    public RawJson Document(Problem problem) =>
        new(JsonSerializer.SerializeToUtf8Bytes(ProblemAnswers.Result(problem).ProblemDetails, json.Value.SerializerOptions));
}
