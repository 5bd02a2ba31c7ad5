using Forge.Schedules;

namespace Forge.Client;

/// <summary>Calls an agent for each state that is due, one at a time, until it is disposed of.</summary>
internal sealed class StateObservation : IAsyncDisposable
{
    private readonly DueStates _states;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _running;

    public StateObservation(DueStates states, Func<StateDue, CancellationToken, Task> onDue, Action<Exception>? failed)
    {
        _states = states;
        _running = RunAsync(onDue, failed);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_ended.IsCancellationRequested)
        {
            await _ended.CancelAsync();
            try
            {
                await _running;
            }
            finally
            {
                await _states.DisposeAsync();
                _ended.Dispose();
            }
        }
    }

    private async Task RunAsync(Func<StateDue, CancellationToken, Task> onDue, Action<Exception>? failed)
    {
        try
        {
            await foreach (var due in _states.ReadAllAsync(_ended.Token))
            {
                try
                {
                    await onDue(due, _ended.Token);
                }
                catch (Exception exception)
                {
                    // What a call that was cancelled makes of it is of no concern to whoever ends it.
                    if (!_ended.IsCancellationRequested)
                    {
                        failed?.Invoke(exception);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // It is over.
        }
    }
}
