using System.Diagnostics;
using System.Net.WebSockets;
using System.Reflection;
using Forge.Silo.Http;
using Forge.Silo.Quotas;
using Forge.Silo.Security;
using StreamJsonRpc;

namespace Forge.Silo.Rpc;

/// <summary>One connection: its calls beside one another, each answered as it ends.</summary>
internal sealed class RpcConnection(
    HttpContext context, RpcConnections connections, RpcOperations operations, RpcRunner runner, TenantQuotas quotas, ProblemAnswers problems,
    RpcError errors, RpcOptions options, TimeProvider time)
{
    private static readonly MethodInfo Call = typeof(RpcConnection).GetMethod(nameof(CallAsync), BindingFlags.Instance | BindingFlags.NonPublic)!;

    private readonly RpcCalls _calls = new(options.CallsPerConnection);

    /// <summary>Serves it until it ends.</summary>
    /// <param name="webSocket">The connection.</param>
    /// <param name="events">Where subscriptions have their events from.</param>
    /// <param name="caller">Whose it is: once the credential is good no longer it is closed.</param>
    /// <param name="stopping">The silo stops: what was taken is carried out, and then the connection is closed.</param>
    public async Task RunAsync(WebSocket webSocket, IEventSource events, OpenCaller caller, CancellationToken stopping)
    {
        var logger = context.RequestServices.GetRequiredService<ILogger<RpcConnection>>();
        var budget = new RpcBudget(options.BytesPerConnection, context.RequestServices.GetRequiredService<BodyBudget>());
        var socket = new RpcSocket(webSocket, operations.MessageLimit, budget, options, time, logger);
        var subscriptions = new RpcSubscriptions(
            events, TenantScope.TenantOf(context), options.SubscriptionsPerConnection, connections, problems, errors);
        using var rpc = new JsonRpc(new RpcMessageHandler(
            socket, _calls, budget, operations, RpcSubscriptions.Methods, errors, bytes => quotas.Take(context, bytes)))
        {
            // Each call begins as it comes: none waits for what another computes.
            SynchronizationContext = null,
            CancelLocallyInvokedMethodsWhenConnectionIsClosed = true,
        };

        // It would trace each refusal with its whole exception, under a lock that all connections share.
        rpc.TraceSource.Switch.Level = SourceLevels.Off;
        rpc.TraceSource.Listeners.Clear();
        foreach (var operation in operations.All.Values.Where(operation => !operation.IsStreamed))
        {
            rpc.AddLocalRpcMethod(Call, this, new JsonRpcMethodAttribute(operation.Name));
        }

        subscriptions.Attach(rpc);
        rpc.StartListening();
        await using (stopping.Register(() => _ = StopAsync(socket)))
        await using (caller.Ended.Register(() => _ = EndAsync(socket, caller)))
        {
            try
            {
                await rpc.Completion;
            }
            catch (Exception exception)
            {
                logger.LogDebug(exception, "A connection of JSON-RPC broke off.");
            }
        }

        // What the calls hold is given back when nobody can write or send it any more.
        await subscriptions.DisposeAsync();
        await socket.DisposeAsync();
        await rpc.DispatchCompletion;
        _calls.EndAll();
    }

    private async Task StopAsync(RpcSocket socket)
    {
        _calls.Stop();
        await _calls.Idle.WaitAsync(options.CloseTimeout, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await socket.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "The silo is stopping.");
    }

    /// <summary>At once, and what is under way may not be answered: nobody is there any more who may be told.</summary>
    private async Task EndAsync(RpcSocket socket, OpenCaller caller)
    {
        _calls.Stop();
        await socket.CloseAsync(WebSocketCloseStatus.PolicyViolation, caller.Problem!.Detail);
    }

    private async Task<RpcAnswer> CallAsync(RpcCall call, CancellationToken cancellationToken)
    {
        var operation = operations.All[call.Envelope.Method!];
        try
        {
            await runner.RunAsync(operation, call.Envelope.Parameters, call.Answer, context.User, cancellationToken);
            return call.Answer;
        }
        catch (LocalRpcException)
        {
            call.Answer.Dispose();
            throw;
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            call.Answer.Dispose();
            throw errors.Exception(RpcError.Cancelled, Cancelled(operation, exception), exception);
        }
        catch (Exception exception)
        {
            var problem = call.Answer.ProblemOf(operation) ?? problems.ProblemOf(operation.Method, operation.Path, exception);
            call.Answer.Dispose();
            throw errors.Exception(problem, exception);
        }
        finally
        {
            call.ReleaseMessage();
            if (call.Envelope.Id.IsEmpty)
            {
                _calls.End(call);
            }
        }
    }

    // As over HTTP nobody can tell of a change that was given up whether it took effect.
    private static Problem Cancelled(RpcOperation operation, OperationCanceledException exception) => operation.Changes
        ? Problem.From(exception, changes: true)!
        : new Problem(StatusCodes.Status499ClientClosedRequest, "cancelled", "The call was cancelled by its caller; nothing was changed.");
}
