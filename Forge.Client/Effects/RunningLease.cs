namespace Forge.Client.Effects;

/// <summary>
/// The lease of a run as the client knows it. It ends, by a clock that only measures durations, that long after the call was sent that gave
/// it: the silo counted it from later, so that this end is never behind the silo's.
/// </summary>
internal sealed class RunningLease : IAsyncDisposable
{
    private readonly TimeSpan _length;
    private readonly TimeProvider _time;
    private readonly Func<CancellationToken, Task> _renew;
    private readonly Func<Exception, bool> _isOver;
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _ended = new();
    private long _from;
    private Task _renewals = Task.CompletedTask;

    /// <param name="length">How long it is.</param>
    /// <param name="from">When the call was sent that gave it, as a timestamp of the clock.</param>
    /// <param name="time">The clock.</param>
    /// <param name="renew">Asks for a new one.</param>
    /// <param name="isOver">True for an error of that which says that there will be none.</param>
    public RunningLease(TimeSpan length, long from, TimeProvider time, Func<CancellationToken, Task> renew, Func<Exception, bool> isOver)
    {
        (_length, _from, _time, _renew, _isOver) = (length, from, time, renew, isOver);
        _lost = new CancellationTokenSource(After(Left), time);
    }

    /// <summary>Cancelled when the lease is over or was taken over. Set off anew by each renewal.</summary>
    public CancellationToken Lost => _lost.Token;

    private TimeSpan Left => _length - _time.GetElapsedTime(_from);

    /// <summary>Begins to renew it three times in its length, until it is disposed of.</summary>
    public void Begin() => _renewals = RenewAlwaysAsync();

    /// <summary>Ends the renewals; never throws.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _renewals;
        _lost.Dispose();
        _ended.Dispose();
    }

    private static TimeSpan After(TimeSpan left) => left > TimeSpan.Zero ? left : TimeSpan.Zero;

    private async Task RenewAlwaysAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(_length / 3, _time);
            while (await timer.WaitForNextTickAsync(_ended.Token) && !_lost.IsCancellationRequested)
            {
                await RenewAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    /// <summary>
    /// Asks for a new one, for no longer than until the next is due, so that one message that is lost does not use up the lease. Reports nothing
    /// but by <see cref="Lost"/>.
    /// </summary>
    private async Task RenewAsync()
    {
        var sent = _time.GetTimestamp();
        var patience = Left < _length / 3 ? Left : _length / 3;
        if (patience <= TimeSpan.Zero)
        {
            return;
        }

        try
        {
            using var deadline = new CancellationTokenSource(patience, _time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _ended.Token);
            await _renew(both.Token);
            _from = sent;
            _lost.CancelAfter(After(Left));
        }
        catch (Exception exception) when (_isOver(exception))
        {
            await LoseAsync();
        }
        catch (Exception)
        {
            // Whatever it is, it must not take the result of the act along. The next renewal may pass; if none does, the lease runs out.
        }
    }

    private async Task LoseAsync()
    {
        try
        {
            await _lost.CancelAsync();
        }
        catch (AggregateException)
        {
            // What the act does when it is told is its own; its result, if there is one, says more.
        }
    }
}
