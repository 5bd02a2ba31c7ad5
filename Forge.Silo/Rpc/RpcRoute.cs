using Forge.Operations;
using Forge.Silo.Draining;
using Forge.Silo.Http;
using Forge.Silo.Quotas;
using Forge.Silo.Security;
using Forge.Silo.Security.Callers;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Forge.Silo.Rpc;

/// <summary>Marks a route that is a WebSocket.</summary>
internal sealed record TakesWebSocket;

/// <summary>The route of JSON-RPC.</summary>
internal static class RpcRoute
{
    /// <summary>
    /// The subprotocol that is agreed if it is offered: a browser that offers any, as one with a key, goes on only if one is answered.
    /// </summary>
    public const string Subprotocol = "forge.rpc";

    private const string Section = "Forge:Rpc";

    public static IServiceCollection AddRpc(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<RpcOptions>, RpcOptionsValidator>();
        services.AddOptions<RpcOptions>().BindConfiguration(Section).ValidateOnStart();
        services.AddOptions<WebSocketOptions>().Configure<IOptions<RpcOptions>>((target, options) =>
            (target.KeepAliveInterval, target.KeepAliveTimeout) = (options.Value.KeepAliveInterval, options.Value.KeepAliveTimeout));
        services.AddSingleton<Origins>();
        services.AddSingleton<RpcConnections>();
        services.AddSingleton<RpcError>();
        services.AddSingleton<RpcOperations>();
        services.AddSingleton<RpcRunner>();
        services.TryAddSingleton<IEventSource, SessionEventSource>();
        return services;
    }

    public static IEndpointRouteBuilder MapRpc(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/rpc", (Delegate)ServeAsync).WithMetadata(new TakesWebSocket(), new RequiredScope(AccessScope.Read)).ExcludeFromDescription();
        return routes;
    }

    private static async Task ServeAsync(
        HttpContext context, Origins origins, RpcConnections connections, RpcOperations operations, RpcRunner runner, ProblemAnswers problems,
        RpcError errors, IEventSource events, IOptions<RpcOptions> options, TimeProvider time, Drain drain,
        OpenCallers callers, TenantQuotas quotas)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers[HeaderNames.Upgrade] = "websocket";
            await ProblemAnswers.Result(new Problem(
                StatusCodes.Status426UpgradeRequired, "upgrade_required", "This route is a WebSocket; docs/rpc.md describes it.")).ExecuteAsync(context);
            return;
        }

        if (!origins.Allow(context.Request))
        {
            await ProblemAnswers.Result(new Problem(
                StatusCodes.Status403Forbidden, "origin_refused",
                "Pages of this origin may not connect; Forge:Rpc:AllowedOrigins names those that may.", ("field", "origin"))).ExecuteAsync(context);
            return;
        }

        using var entry = connections.Enter();
        using var stream = quotas.EnterStream(context);
        using var caller = callers.Enter(context);
        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            context.WebSockets.WebSocketRequestedProtocols.Contains(Subprotocol) ? Subprotocol : null);
        await new RpcConnection(context, connections, operations, runner, quotas, problems, errors, options.Value, time)
            .RunAsync(socket, events, caller, drain.Over);
    }
}
