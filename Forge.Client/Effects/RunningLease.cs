using Forge.Errors;

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
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _ended = new();
    private long _from;
    private Task _renewals = Task.CompletedTask;

    /// <param name="length">How long it is.</param>
    /// <param name="from">When the call was sent that gave it, as a timestamp of the clock.</param>
    /// <param name="time">The clock.</param>
    /// <param name="renew">Asks for a new one.</param>
    public RunningLease(TimeSpan length, long from, TimeProvider time, Func<CancellationToken, Task> renew)
    {
        (_length, _from, _time, _renew) = (length, from, time, renew);
        _lost = new CancellationTokenSource(After(Left), time);
    }

    /// <summary>Cancelled when the lease is over or was taken over. Set off anew by each renewal.</summary>
    public CancellationToken Lost => _lost.Token;

    private TimeSpan Left => _length - _time.GetElapsedTime(_from);

    /// <summary>
    /// True if there is a lease to run under: one of which less than half is left, since the answer that gave it came late, is renewed first.
    /// </summary>
    public async Task<bool> EnsureAsync()
    {
        if (Left < _length / 2)
        {
            await RenewAsync(mayBeOver: true);
        }

        return Left > TimeSpan.Zero && !_lost.IsCancellationRequested;
    }

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
                await RenewAsync(mayBeOver: false);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    /// <summary>Asks for a new one, and gives up when the one that there is is over. Reports nothing but by <see cref="Lost"/>.</summary>
    private async Task RenewAsync(bool mayBeOver)
    {
        var sent = _time.GetTimestamp();
        var patience = mayBeOver ? _length / 2 : Left;
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
        catch (ForgeException exception) when (exception is EffectSupersededException or EffectSettledException or EffectNotFoundException
            or SessionDeletedException or ClaimSupersededException or SessionClaimedException)
        {
            // Somebody has it, or nobody may have it: there is nothing to wait for.
            await _lost.CancelAsync();
        }
        catch (Exception)
        {
            // Whatever it is, it must not take the result of the act along. The next renewal may pass; if none does, the lease runs out.
        }
    }
}
