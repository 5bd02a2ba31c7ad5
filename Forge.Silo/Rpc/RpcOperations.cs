using System.Collections.Frozen;
using Forge.Silo.Http;

namespace Forge.Silo.Rpc;

/// <summary>Every operation that there is over HTTP, by its name. They are taken from the routes, so that a new route is a new method.</summary>
internal sealed class RpcOperations
{
    /// <summary>What stands around the parameters of a message.</summary>
    private const int Frame = 4 * 1024;

    private readonly Lazy<FrozenDictionary<string, RpcOperation>> _all;
    private readonly Lazy<int> _limit;

    public RpcOperations(EndpointDataSource endpoints, BodyLimits limits)
    {
        // Routes are there once the host has started.
        _all = new(() => endpoints.Endpoints.OfType<RouteEndpoint>().Select(RpcOperation.Of).OfType<RpcOperation>()
            .ToFrozenDictionary(operation => operation.Name, StringComparer.Ordinal));
        _limit = new(() => checked((int)Math.Min(
            Array.MaxLength, All.Values.Where(operation => !operation.IsStreamed).Max(operation => operation.Limit(limits)) + GivenObject.Frame + Frame)));
    }

    public FrozenDictionary<string, RpcOperation> All => _all.Value;

    /// <summary>The most bytes of a message: what the largest operation can need.</summary>
    public int MessageLimit => _limit.Value;
}
