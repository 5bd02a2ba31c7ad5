using System.Runtime.CompilerServices;
using Forge.Errors;
using Forge.Events;

namespace Forge.Client;

public sealed partial class SessionHandle
{
    /// <summary>A page of the session's log, of one instant; empty for a session that does not exist.</summary>
    /// <param name="after">The position that it begins after, from 0; null to begin with the oldest that is kept.</param>
    /// <param name="limit">The most events; from 1 to the silo's limit (1,000 by default). A page ends earlier with about 1 MiB.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LogPositionExpiredException">Events after the position are not kept any more.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    /// <exception cref="StateCorruptedException">Positions after it are missing that should be there.</exception>
    /// <exception cref="InvalidRequestException">The limit is bad, or the session has not got as far as the position.</exception>
    /// <exception cref="OverLimitException">The limit is above the silo's.</exception>
    public Task<EventPage> EventsAsync(long? after = null, int limit = 100, CancellationToken cancellationToken = default) =>
        RunAsync(new ListEvents(after, limit), cancellationToken);

    /// <summary>
    /// Every event of the session after a position, in order, each once, then each as it happens. A session that does not exist is waited for.
    /// Goes on by itself behind the last event when an activation ends, a silo is lost or the cluster does not answer, with the waits of
    /// <see cref="Retries.RetryOptions"/> and without an end: only cancellation and the errors below end it.
    /// </summary>
    /// <remarks>
    /// To go on later, keep the <see cref="LogEvent.Position"/> of the last event that was dealt with, and give it then. Whoever takes the
    /// events slowly holds up nobody. If several of one client watch a session, those that have caught up share what comes: the silo tells
    /// this process of an event once.
    /// </remarks>
    /// <param name="after">The position, from 0; null to begin with the oldest that is kept.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="LogPositionExpiredException">
    /// Events after the position, or after the last event that was taken, are not kept any more: read the session as it is now, and go on
    /// after <see cref="LogPositionExpiredException.Oldest"/> or later.
    /// </exception>
    /// <exception cref="SessionDeletedException">The session was deleted. What happened before it was told, if it was in reach.</exception>
    /// <exception cref="StateCorruptedException">Positions are missing that should be there.</exception>
    /// <exception cref="InvalidRequestException">The session has not got as far as the position, or it is negative.</exception>
    public async IAsyncEnumerable<LogEvent> WatchAsync(
        long? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var watcher = _retrier.Watches.Enter(Address, (position, token) => BatchesAsync(position, token));
        while (true)
        {
            var shared = after is { } known ? watcher.Join(known, isTold: false) : null;
            if (shared is null)
            {
                await foreach (var batch in BatchesAsync(after, cancellationToken))
                {
                    foreach (var happened in batch)
                    {
                        after = happened.Position;
                        yield return happened;
                    }

                    if (after is { } reached && (shared = watcher.Join(reached, isTold: true)) is not null)
                    {
                        break;
                    }
                }
            }

            while ((shared = await shared!.NextAsync().WaitAsync(cancellationToken)) is not null)
            {
                // What is there already is handed out without a look at it.
                cancellationToken.ThrowIfCancellationRequested();
                foreach (var happened in shared.Events.Where(e => e.Position > after))
                {
                    after = happened.Position;
                    yield return happened;
                }
            }
        }
    }

    /// <summary>The events after a position and all that follow, each item a batch. Only cancellation and a definite error end it.</summary>
    private async IAsyncEnumerable<IReadOnlyList<LogEvent>> BatchesAsync(long? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batches = _retrier.Follower.FollowAsync(token => Grain.WatchAsync(after, token).WithBatchSize(1), cancellationToken);
        await foreach (var batch in batches.WithCancellation(cancellationToken))
        {
            after = batch.Count > 0 ? batch[^1].Position : after;
            yield return batch;
        }
    }
}
