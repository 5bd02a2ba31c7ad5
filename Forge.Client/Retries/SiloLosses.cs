using Orleans;

namespace Forge.Client.Retries;

/// <summary>
/// Tells calls in flight that the cluster has lost a silo, which may have been about to answer them. It ends attempts on
/// silos that live too, so reports that follow one another are told together, 2 s after the last telling: a loss that is
/// reported by the connection and by the cluster, and a cluster that goes down, must not use up a call's attempts.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class SiloLosses(TimeProvider time) : IClusterConnectionStatusObserver, IDisposable
{
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private CancellationTokenSource _next = new();
    private long? _told;
    private ITimer? _telling;
    private bool _isOver;

    /// <summary>Cancelled by the next loss.</summary>
    public CancellationToken Next
    {
        get
        {
            lock (_lock)
            {
                return _next.Token;
            }
        }
    }

    public void Report()
    {
        lock (_lock)
        {
            var wait = _told is { } told ? Apart - time.GetElapsedTime(told) : TimeSpan.Zero;
            if (wait <= TimeSpan.Zero)
            {
                Tell();
            }
            else if (!_isOver)
            {
                _telling ??= time.CreateTimer(_ => TellLate(), null, wait, Timeout.InfiniteTimeSpan);
            }
        }
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
    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
            _telling?.Dispose();
            _telling = null;
            _next.Dispose();
            _next = new();
        }
    }

    private void TellLate()
    {
        lock (_lock)
        {
            if (!_isOver)
            {
                Tell();
            }
        }
    }

    private void Tell()
    {
        _telling?.Dispose();
        (_telling, _told) = (null, time.GetTimestamp());

        // By this thread would be by Orleans' own, and there may be many calls.
        _ = _next.CancelAsync();
        _next = new();
    }
}
