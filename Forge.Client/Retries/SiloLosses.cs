using Orleans;

namespace Forge.Client.Retries;

/// <summary>Tells calls in flight that the cluster has lost a silo, which may have been about to answer them.</summary>
internal sealed class SiloLosses : IClusterConnectionStatusObserver, IDisposable
{
    private CancellationTokenSource _next = new();

    /// <summary>Cancelled by the next loss.</summary>
    public CancellationToken Next => Volatile.Read(ref _next).Token;

    public void Report()
    {
        // By this thread would be by Orleans' own, and there may be many calls.
        _ = Interlocked.Exchange(ref _next, new()).CancelAsync();
    }

    /// <inheritdoc/>
    public void NotifyGatewayCountChanged(int currentNumberOfGateways, int previousNumberOfGateways, bool connectionRecovered)
    {
        if (currentNumberOfGateways < previousNumberOfGateways)
        {
            Report();
        }
    }

    /// <inheritdoc/>
    public void NotifyClusterConnectionLost()
    {
        // The count of gateways tells.
    }

    /// <summary>Orleans may go on telling of gateways that close while the client is disposed of.</summary>
    public void Dispose() => Interlocked.Exchange(ref _next, new()).Dispose();
}
