using Forge.Errors;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Rpc;

/// <summary>How many connections a silo has, and how many subscriptions by these.</summary>
internal sealed class RpcConnections(IOptions<RpcOptions> options)
{
    private int _count;
    private int _subscriptions;

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

        return new Entry(() => Interlocked.Decrement(ref _count));
    }

    /// <summary>Counts a subscription of one of them, for as long as the result is not disposed of.</summary>
    /// <exception cref="BusyException">There are as many as may be.</exception>
    public IDisposable EnterSubscription()
    {
        if (Interlocked.Increment(ref _subscriptions) > options.Value.Subscriptions)
        {
            Interlocked.Decrement(ref _subscriptions);
            throw new BusyException("subscriptions", $"of this silo are {options.Value.Subscriptions}, as many as may be");
        }

        return new Entry(() => Interlocked.Decrement(ref _subscriptions));
    }

    private sealed class Entry(Action leave) : IDisposable
    {
        public void Dispose() => leave();
    }
}
