using Forge.Silo.Http;
using Forge.Silo.Rpc;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Mcp;

/// <summary>Carries out operations for tools and resources, by the same routes as everybody's.</summary>
internal sealed class McpCalls(
    RpcOperations operations, RpcRunner runner, RpcError errors, ProblemAnswers problems, BodyBudget bodies, IOptions<McpOptions> options)
{
    private readonly RpcBudget _budget = new(options.Value.Bytes, bodies, "mcp calls");

    /// <summary>The most bytes of an answer.</summary>
    public int AnswerBytes => options.Value.AnswerBytes;

    /// <summary>Begins what one request asks for.</summary>
    public McpCall Begin(McpRequest request) => new(this, request);

    /// <summary>Carries out an operation.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="request">Who calls.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What it answers, and what the answer holds until it is disposed of.</returns>
    /// <exception cref="McpProblemException">It ended with a problem.</exception>
    public async Task<(ReadOnlyMemory<byte> Json, IDisposable Room)> RunAsync(
        string name, McpParameters parameters, McpRequest request, CancellationToken cancellationToken)
    {
        var operation = operations.All[name];
        using var answer = new RpcAnswer(_budget.Open());
        var isDone = false;
        try
        {
            await runner.RunAsync(operation, parameters.ToParams(), answer, request.User, cancellationToken);
            isDone = true;
            var (json, room) = (answer.ToArray(), _budget.Open());
            try
            {
                // What it was written to goes first: a large answer would else find no room beside itself.
                answer.Dispose();
                room.Resize(json.Length);
                return (json, room);
            }
            catch
            {
                room.Dispose();
                throw;
            }
        }
        catch (StreamJsonRpc.LocalRpcException exception) when (exception.ErrorData is RawJson document)
        {
            throw new McpProblemException(document, exception);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody is there to be told.
            throw;
        }
        catch (Exception exception)
        {
            throw new McpProblemException(
                errors.Document(answer.ProblemOf(operation, isDone) ?? problems.ProblemOf(operation.Method, operation.Path, exception)), exception);
        }
    }

    /// <summary>What is told of an error that is not an operation's.</summary>
    /// <param name="name">The tool or method.</param>
    /// <param name="exception">The error.</param>
    public RawJson ProblemOf(string name, Exception exception) => exception is McpProblemException { Document: var document }
        ? document
        : errors.Document(problems.ProblemOf(HttpMethods.Get, name, exception));
}

/// <summary>What one request asks for: what its operations answer counts as held until it ends.</summary>
internal sealed class McpCall(McpCalls calls, McpRequest request) : IDisposable
{
    private readonly List<IDisposable> _rooms = [];

    /// <summary>The most bytes of its answer.</summary>
    public int AnswerBytes => calls.AnswerBytes;

    /// <summary>Carries out an operation.</summary>
    /// <exception cref="McpProblemException">It ended with a problem.</exception>
    public async Task<ReadOnlyMemory<byte>> RunAsync(string operation, McpParameters parameters, CancellationToken cancellationToken)
    {
        var (json, room) = await calls.RunAsync(operation, parameters, request, cancellationToken);
        _rooms.Add(room);
        return json;
    }

    public void Dispose() => _rooms.ForEach(room => room.Dispose());
}
