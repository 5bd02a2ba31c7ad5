using System.Runtime.CompilerServices;
using Forge.Errors;
using Forge.Events;
using Forge.Identity;
using Forge.Sessions;
using Orleans;

namespace Forge.Grains.Streams;

/// <summary>The events of sessions, for what serves callers in this silo: it goes on when an activation ends.</summary>
internal sealed class SessionEvents(IGrainFactory grains, TimeProvider time)
{
    /// <summary>Longer than an answer is waited for, so that a stream that failed after it was one that stood.</summary>
    private static readonly TimeSpan Stood = TimeSpan.FromMinutes(1);

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
    /// <exception cref="UnavailableException">
    /// The session failed 20 times in a row, which takes about half a minute or more: go on after the last event later. That a stream ends
    /// without an error, as it does when silos come or go, is no failure, however often it happens.
    /// </exception>
    public async IAsyncEnumerable<LogEvent> FollowAsync(
        SessionAddress address, long? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (grain, failures, waits) = (grains.GetGrain<ISessionGrain>(address.ToGrainKey()), 0, 0);
        Exception? last = null;
        while (true)
        {
            var begun = time.GetTimestamp();
            last = null;
            await using var batches = grain.WatchAsync(after, cancellationToken).WithBatchSize(1).GetAsyncEnumerator(cancellationToken);
            while (await TryMoveAsync(batches))
            {
                (failures, waits) = (0, 0);
                foreach (var happened in batches.Current)
                {
                    after = happened.Position;
                    yield return happened;
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            var lasted = time.GetElapsedTime(begun);
            failures = last is null ? 0 : lasted > Stood ? 1 : failures + 1;
            if (failures == FollowRetries.Attempts)
            {
                throw last as ForgeException ?? new UnavailableException($"Session {address} does not answer.", last);
            }

            waits = lasted > FollowRetries.MaxDelay ? 1 : waits + 1;
            await Task.Delay(FollowRetries.DelayAfter(waits), time, cancellationToken);
        }

        async ValueTask<bool> TryMoveAsync(IAsyncEnumerator<IReadOnlyList<LogEvent>> batches)
        {
            try
            {
                return await batches.MoveNextAsync();
            }
            catch (Exception exception) when (FollowRetries.MayPass(exception) && !cancellationToken.IsCancellationRequested)
            {
                last = exception;
                return false;
            }
        }
    }
}
