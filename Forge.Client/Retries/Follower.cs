using System.Runtime.CompilerServices;
using Forge.Errors;

namespace Forge.Client.Retries;

/// <summary>
/// Reads what a session goes on telling, and begins again where it was whenever it breaks off: when the activation ends, a silo is lost, or
/// nobody answers. Waits longer each time that it breaks off soon and nothing came, and gives up only for a definite error.
/// </summary>
/// <param name="options">How long it waits.</param>
/// <param name="time">The clock.</param>
/// <param name="chance">Gives numbers from 0 up to, but not including, 1.</param>
/// <param name="losses">Tells of silos that are lost with the calls that they had; null if Orleans tells the calls itself.</param>
internal sealed class Follower(RetryOptions options, TimeProvider time, Func<double> chance, SiloLosses? losses)
{
    /// <param name="open">Begins behind what was taken last.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<T> FollowAsync<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> open, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var failures = 0; ; await Task.Delay(options.DelayAfter(++failures, chance()), time, cancellationToken))
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var begun = time.GetTimestamp();
            var items = open(ended.Token).GetAsyncEnumerator(ended.Token);
            try
            {
                while (await TryMoveAsync(items, cancellationToken))
                {
                    failures = 0;
                    yield return items.Current;
                }
            }
            finally
            {
                // Whoever was to tell may be gone with its silo, and is not waited for.
                await ended.CancelAsync();
                _ = DisposeAsync(items);
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (time.GetElapsedTime(begun) > options.MaxDelay)
            {
                // It was quiet, and not in vain.
                failures = 0;
            }
        }
    }

    /// <summary>False if there is no more, or if it broke off in a way that may pass.</summary>
    private async ValueTask<bool> TryMoveAsync<T>(IAsyncEnumerator<T> items, CancellationToken cancellationToken)
    {
        // Taken before the call, so that none is lost between.
        var lost = losses?.Next ?? CancellationToken.None;
        try
        {
            var next = items.MoveNextAsync();
            if (next.IsCompleted || (!lost.CanBeCanceled && !cancellationToken.CanBeCanceled))
            {
                return await next;
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lost);
            return await next.AsTask().WaitAsync(either.Token);
        }
        catch (OperationCanceledException cancelled) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancelled.Message, cancelled, cancellationToken);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception exception)
        {
            var cause = Failures.CauseOf(exception);
            if (Failures.Classify(cause) != FailureKind.Definite)
            {
                return false;
            }

            if (cause is ForgeException && cause != exception)
            {
                throw cause;
            }

            throw;
        }
    }

    private static async Task DisposeAsync(IAsyncDisposable items)
    {
        try
        {
            await items.DisposeAsync();
        }
        catch (Exception)
        {
            // It was left alone already.
        }
    }
}
