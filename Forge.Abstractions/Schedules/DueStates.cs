using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Forge.Schedules;

/// <summary>
/// The due states of one session as an observer is told of them, kept subscribed until it is disposed of: whatever activation the session
/// has, it has the observer within a renewal.
/// </summary>
internal sealed class DueStates : IAsyncDisposable
{
    /// <summary>How often the session is asked again.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(20);

    /// <summary>How soon if that failed.</summary>
    public static readonly TimeSpan RenewalAfterFailure = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan PatienceAtTheEnd = TimeSpan.FromSeconds(2);

    private readonly IGrainFactory _grains;
    private readonly Func<IAgentObserver, CancellationToken, Task> _observe;
    private readonly Func<IAgentObserver, Task> _end;
    private readonly Action<Exception>? _failed;
    private readonly TimeProvider _time;
    private readonly Observer _observer = new();
    private readonly IAgentObserver _reference;
    private readonly CancellationTokenSource _ended = new();
    private Task _renewals = Task.CompletedTask;

    private DueStates(
        IGrainFactory grains,
        Func<IAgentObserver, CancellationToken, Task> observe,
        Func<IAgentObserver, Task> end,
        Action<Exception>? failed,
        TimeProvider time)
    {
        (_grains, _observe, _end, _failed, _time) = (grains, observe, end, failed, time);
        _reference = grains.CreateObjectReference<IAgentObserver>(_observer);
    }

    /// <summary>Begins to observe, and comes back when the session knows of it.</summary>
    /// <param name="grains">Makes the reference that the session tells.</param>
    /// <param name="observe">Asks the session to tell an observer.</param>
    /// <param name="end">Asks it to tell one no more.</param>
    /// <param name="failed">Is told of a renewal that failed, which is tried again; null for nobody.</param>
    /// <param name="time">The clock of renewals.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<DueStates> BeginAsync(
        IGrainFactory grains,
        Func<IAgentObserver, CancellationToken, Task> observe,
        Func<IAgentObserver, Task> end,
        Action<Exception>? failed,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var states = new DueStates(grains, observe, end, failed, time);
        try
        {
            await observe(states._reference, cancellationToken);
            states._renewals = states.RenewAlwaysAsync();
            return states;
        }
        catch
        {
            await states.DisposeAsync();
            throw;
        }
    }

    /// <summary>Each due state once, as it is told. One that was not taken when the next is told is passed over.</summary>
    public async IAsyncEnumerable<StateDue> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var due in _observer.Told.ReadAllAsync(cancellationToken))
        {
            yield return due;
        }
    }

    /// <summary>Ends it; never throws.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _renewals;
        try
        {
            await _end(_reference).WaitAsync(PatienceAtTheEnd, _time);
        }
        catch (Exception)
        {
            // Nobody answers, or in time; the session forgets it by itself.
        }

        _grains.DeleteObjectReference<IAgentObserver>(_reference);
        _ended.Dispose();
    }

    private async Task RenewAlwaysAsync()
    {
        for (var wait = Renewal; ;)
        {
            try
            {
                await Task.Delay(wait, _time, _ended.Token);
                await _observe(_reference, _ended.Token);
                wait = Renewal;
            }
            catch (OperationCanceledException) when (_ended.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // A silo may be gone, and the session be had from another one in a moment.
                _failed?.Invoke(exception);
                wait = RenewalAfterFailure;
            }
        }
    }

    /// <summary>What the session tells. It is held by this, for Orleans holds it weakly.</summary>
    private sealed class Observer : IAgentObserver
    {
        private readonly Lock _lock = new();
        private readonly Channel<StateDue> _told =
            Channel.CreateBounded<StateDue>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

        private StateDue? _last;

        public ChannelReader<StateDue> Told => _told.Reader;

        public Task StateDueAsync(StateDue due)
        {
            lock (_lock)
            {
                if (_last is null || (_last.Trigger, _last.Since) != (due.Trigger, due.Since))
                {
                    _last = due;
                    _told.Writer.TryWrite(due);
                }
            }

            return Task.CompletedTask;
        }
    }
}
