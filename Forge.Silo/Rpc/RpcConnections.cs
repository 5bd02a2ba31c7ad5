using Forge.Errors;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Rpc;

/// <summary>How many connections a silo has.</summary>
internal sealed class RpcConnections(IOptions<RpcOptions> options)
{
    private int _count;

    /// <summary>The connections of this moment.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts one, for as long as the result is not disposed of.</summary>
    /// <exception cref="BusyException">There are as many as may be.</exception>
    public IDisposable Enter()
    {
        if (Interlocked.Increment(ref _count) > options.Value.Connections)
        {
            Interlocked.Decrement(ref _count);
            throw new BusyException("rpc connections", $"of this silo are {options.Value.Connections}, as many as may be");
        }

        return new Entry(this);
    }

    private sealed class Entry(RpcConnections connections) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref connections._count);
    }
}
