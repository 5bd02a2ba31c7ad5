using Forge.Client.Effects;
using Forge.Errors;

namespace Forge.Client.Loops;

/// <summary>What goes on beside the steps of a loop: the renewal of its claim, and saves by time.</summary>
internal sealed class LoopKeeper : IAsyncDisposable
{
    private readonly Action<Exception>? _failed;
    private readonly CancellationTokenSource _ended;
    private readonly List<Task> _running = [];
    private Exception? _lost;

    /// <param name="failed">Is told of what failed.</param>
    /// <param name="cancellationToken">Ends the loop.</param>
    public LoopKeeper(Action<Exception>? failed, CancellationToken cancellationToken)
    {
        _failed = failed;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>Cancelled when the loop is to end.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>How it was learned that somebody else has the session; null if nobody has, as far as is known.</summary>
    public Exception? Lost => Volatile.Read(ref _lost);

    /// <summary>True if an error says that the session is another's.</summary>
    public static bool IsLoss(Exception exception) =>
        exception is ClaimSupersededException or SessionClaimedException or SessionDeletedException
        || (exception is OutcomeUnknownException or EffectNotRecordedException && exception.InnerException is { } inner && IsLoss(inner));

    /// <summary>Does something again and again, until the loop ends.</summary>
    public void Every(TimeSpan interval, TimeProvider time, Func<CancellationToken, Task> work) => _running.Add(RepeatAsync(interval, time, work));

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await Task.WhenAll(_running);
        _ended.Dispose();
    }

    private async Task RepeatAsync(TimeSpan interval, TimeProvider time, Func<CancellationToken, Task> work)
    {
        using var timer = new PeriodicTimer(interval, time);
        while (await TickAsync(timer))
        {
            try
            {
                await work(Ended);
            }
            catch (OperationCanceledException) when (Ended.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (IsLoss(exception))
            {
                Volatile.Write(ref _lost, exception);
                await EndAsync();
                return;
            }
            catch (Exception exception)
            {
                // The next time may do better; what the agent does itself raises what is wrong.
                _failed?.Invoke(exception);
            }
        }
    }

    private async Task EndAsync()
    {
        try
        {
            await _ended.CancelAsync();
        }
        catch (AggregateException exception)
        {
            // What an agent does when it is told is its own.
            _failed?.Invoke(exception);
        }
    }

    private async Task<bool> TickAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(Ended);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
