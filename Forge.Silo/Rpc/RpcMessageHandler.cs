using Forge.Errors;
using Forge.Silo.Http;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;

namespace Forge.Silo.Rpc;

/// <summary>
/// The messages of one connection. What is no call, or one that cannot be taken, is answered here, so that the connection goes on; the
/// library would end it. Each message counts for the tenant's quotas, apart from those that cancel.
/// </summary>
/// <param name="socket">The connection.</param>
/// <param name="calls">Its calls.</param>
/// <param name="budget">What its messages and answers may hold.</param>
/// <param name="operations">The methods that are operations.</param>
/// <param name="others">The other methods.</param>
/// <param name="errors">Makes errors of problems.</param>
/// <param name="take">Takes so many bytes of a message from the tenant's quotas; says how it is refused if they are used up.</param>
internal sealed class RpcMessageHandler(
    RpcSocket socket, RpcCalls calls, RpcBudget budget, RpcOperations operations, IReadOnlySet<string> others, RpcError errors,
    Func<long, Problem?> take)
    : IJsonRpcMessageHandler
{
    /// <summary>The method by which a call is cancelled, as the library has it.</summary>
    private const string Cancel = "$/cancelRequest";

    /// <inheritdoc/>
    public bool CanRead => true;

    /// <inheritdoc/>
    public bool CanWrite => true;

    /// <inheritdoc/>
    public IJsonRpcMessageFormatter Formatter { get; } = new RpcText();

    /// <inheritdoc/>
    public async ValueTask<JsonRpcMessage?> ReadAsync(CancellationToken cancellationToken)
    {
        while (await socket.ReceiveAsync() is { } received)
        {
            if (await TakeAsync(received, cancellationToken) is { } request)
            {
                return request;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(JsonRpcMessage jsonRpcMessage, CancellationToken cancellationToken)
    {
        // Its caller may use the id again as soon as it has the answer.
        var call = jsonRpcMessage switch
        {
            JsonRpcResult { RequestId: var id } => calls.Forget(id),
            JsonRpcError { RequestId: var id } => calls.Forget(id),
            _ => null,
        };
        try
        {
            await socket.SendAsync(RpcText.Pieces(jsonRpcMessage), cancellationToken);
        }
        finally
        {
            if (call is not null)
            {
                calls.End(call);
            }
        }
    }

    private async ValueTask<JsonRpcRequest?> TakeAsync(RpcReceived received, CancellationToken cancellationToken)
    {
        var isTaken = false;
        try
        {
            var envelope = received.Refusal is null && received.IsText ? RpcEnvelope.Read(received.Message) : null;
            if (!IsCancellation(envelope) && take(received.Message.Length) is { } over)
            {
                // As what is refused otherwise: a notification is told nothing.
                if (envelope is null || envelope.IsMalformed || !envelope.Id.IsEmpty)
                {
                    await RefuseAsync(envelope?.Id ?? received.Id, over, cancellationToken);
                }

                return null;
            }

            if (received.Refusal is { } busy)
            {
                await RefuseAsync(received.Id, Problem.From(busy, changes: false)!, cancellationToken);
                return null;
            }

            if (envelope is null)
            {
                await RefuseAsync(
                    default, RpcError.InvalidRequest, RpcError.Malformed("A message must be text, and not binary."), cancellationToken);
                return null;
            }

            if (envelope.Refusal is { } refusal)
            {
                // What is no message has no id to be told by, and is answered under that of nothing.
                if (envelope.IsMalformed || !envelope.Id.IsEmpty)
                {
                    await RefuseAsync(envelope.Id, refusal.Number, refusal.Problem, cancellationToken);
                }

                return null;
            }

            var request = await TakeAsync(envelope, received.Room, cancellationToken);
            isTaken = request is not null && envelope.Method != Cancel;
            return request;
        }
        finally
        {
            if (!isTaken)
            {
                received.Room.Dispose();
            }
        }
    }

    private async ValueTask<JsonRpcRequest?> TakeAsync(RpcEnvelope envelope, RpcBudget.RpcRoom room, CancellationToken cancellationToken)
    {
        var (id, method) = (envelope.Id, envelope.Method!);
        if (calls.Has(id))
        {
            await RefuseAsync(
                id, RpcError.InvalidRequest, RpcError.Malformed("id is that of a call which is not answered yet."), cancellationToken);
            return null;
        }

        if (method == Cancel && !id.IsEmpty)
        {
            await RefuseAsync(
                id, RpcError.InvalidRequest, RpcError.Malformed($"{Cancel} is a notification, and has no id of its own."), cancellationToken);
            return null;
        }

        if (method == Cancel)
        {
            return new JsonRpcRequest
            {
                RequestId = id,
                Method = method,
                NamedArguments = new Dictionary<string, object?> { ["id"] = CancelledId(envelope) },
            };
        }

        if (id.IsEmpty && others.Contains(method))
        {
            // Whoever is told nothing could not tell its events from others'.
            return null;
        }

        var (number, problem) = WhyNot(method);
        var call = new RpcCall(envelope, room, new RpcAnswer(budget.Open()));
        if (problem is null && !calls.TryAdd(call))
        {
            var busy = new BusyException("rpc calls", "of this connection are as many as may be");
            (number, problem) = (StatusCodes.Status429TooManyRequests, Problem.From(busy, changes: false));
        }

        if (problem is null)
        {
            return new JsonRpcRequest
            {
                RequestId = id,
                Method = method,
                NamedArguments = new Dictionary<string, object?> { ["call"] = call },
            };
        }

        if (!id.IsEmpty)
        {
            await RefuseAsync(id, number, problem, cancellationToken);
        }

        return null;
    }

    private (int Number, Problem? Problem) WhyNot(string method)
    {
        if (calls.IsStopping)
        {
            var stopping = Problem.From(new UnavailableException("The silo is stopping."), changes: false)!;
            return (RpcError.NumberOf(stopping), stopping);
        }

        if (!operations.All.TryGetValue(method, out var operation))
        {
            return others.Contains(method)
                ? default
                : (RpcError.MethodNotFound, new Problem(
                    StatusCodes.Status404NotFound, "method_not_found", "There is no such method; /openapi/v1.json lists them by operationId."));
        }

        return operation.IsStreamed
            ? (StatusCodes.Status501NotImplemented, new Problem(
                StatusCodes.Status501NotImplemented, "not_available_by_rpc",
                $"{method} is a stream of any length, and is served over HTTP alone.", ("method", operation.Method), ("path", operation.Path)))
            : default;
    }

    // Who is over the quota may still give up what is under way.
    private static bool IsCancellation(RpcEnvelope? envelope) => envelope is { Refusal: null, Method: Cancel, Id.IsEmpty: true };

    private static RequestId CancelledId(RpcEnvelope envelope) =>
        envelope.Members.FirstOrDefault(member => member.Name == "id") is { Json.IsEmpty: false } member
            ? RpcEnvelope.ReadId(member.Json.Span)
            : default;

    private ValueTask RefuseAsync(RequestId id, Problem problem, CancellationToken cancellationToken) =>
        RefuseAsync(id, RpcError.NumberOf(problem), problem, cancellationToken);

    // Not by way of the calls: the id may be that of one.
    private ValueTask RefuseAsync(RequestId id, int number, Problem problem, CancellationToken cancellationToken) =>
        socket.SendAsync(RpcText.Pieces(errors.Answer(id, number, problem)), cancellationToken);
}
