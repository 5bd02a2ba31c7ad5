using System.Runtime.CompilerServices;
using Forge.Errors;
using Forge.Events;
using Forge.Identity;
using Forge.Sessions;
using Orleans;
using Orleans.Runtime;

namespace Forge.Grains.Streams;

/// <summary>The events of sessions, for what serves callers in this silo: it goes on when an activation ends.</summary>
internal sealed class SessionEvents(IGrainFactory grains, TimeProvider time)
{
    /// <summary>How often in a row it is asked again in vain.</summary>
    private const int Attempts = 20;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Every event after a position, in order, each once, then each as it happens, until the token or an error ends it. A session that does not
    /// exist is waited for.
    /// </summary>
    /// <param name="address">The session.</param>
    /// <param name="after">The position, from 0; null to begin with the oldest that is kept.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="LogPositionExpiredException">Events after the position are not kept any more.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    /// <exception cref="StateCorruptedException">Positions are missing that should be there.</exception>
    /// <exception cref="InvalidRequestException">The session has not got as far as the position, or it is negative.</exception>
    /// <exception cref="UnavailableException">The session did not answer for about half a minute: go on after the last event later.</exception>
    public async IAsyncEnumerable<LogEvent> FollowAsync(
        SessionAddress address, long? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (grain, failures) = (grains.GetGrain<ISessionGrain>(address.ToGrainKey()), 0);
        Exception? last = null;
        while (true)
        {
            await using var batches = grain.WatchAsync(after, cancellationToken).WithBatchSize(1).GetAsyncEnumerator(cancellationToken);
            while (await TryMoveAsync(batches))
            {
                (failures, last) = (0, null);
                foreach (var happened in batches.Current)
                {
                    after = happened.Position;
                    yield return happened;
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (++failures == Attempts)
            {
                throw last as ForgeException ?? new UnavailableException($"Session {address} does not answer.", last);
            }

            await Task.Delay(DelayAfter(failures), time, cancellationToken);
        }

        async ValueTask<bool> TryMoveAsync(IAsyncEnumerator<IReadOnlyList<LogEvent>> batches)
        {
            try
            {
                return await batches.MoveNextAsync();
            }
            catch (Exception exception) when (MayPass(exception) && !cancellationToken.IsCancellationRequested)
            {
                last = exception;
                return false;
            }
        }
    }

    private static bool MayPass(Exception exception) => exception switch
    {
        OrleansException { InnerException: ForgeException cause } => cause.IsTransient,
        ForgeException error => error.IsTransient,
        TimeoutException or OrleansException or OperationCanceledException or EnumerationAbortedException => true,
        _ => false,
    };

    private static TimeSpan DelayAfter(int failures)
    {
        var delay = FirstDelay * Math.Pow(2, failures - 1);
        return delay < MaxDelay ? delay : MaxDelay;
    }
}
