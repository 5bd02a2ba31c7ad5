using System.Runtime.CompilerServices;
using Forge.Client.Retries;
using Forge.Errors;
using Forge.Feeds;
using Forge.Identity;

namespace Forge.Client;

public sealed partial class TenantHandle
{
    /// <summary>How long one call of a watcher waits for news: shorter than any call is waited for.</summary>
    private static readonly TimeSpan WatchWait = TimeSpan.FromSeconds(10);

    /// <summary>How long a watcher leaves a silo alone that did not let it wait.</summary>
    private static readonly TimeSpan WatchPause = TimeSpan.FromSeconds(1);

    private IFeedGrain FeedGrain => _grains.GetGrain<IFeedGrain>(SessionAddress.ToGrainKey(Id));

    /// <summary>A page of the events of all the tenant's sessions.</summary>
    /// <param name="query">What to read, from where on, and how long to wait if there is nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidRequestException">The cursor, the prefix, a label, a kind, the limit or the wait is bad.</exception>
    /// <exception cref="OverLimitException">The limit is above the silo's, or a label is longer or there are more of them than can be.</exception>
    /// <exception cref="FeedExpiredException">Events after the cursor are not kept any more.</exception>
    /// <exception cref="FeedLostException">The cursor is not of the database as it is now.</exception>
    public Task<FeedPage> ReadFeedAsync(FeedQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);

        // An attempt that waits for news is not taken for one that is lost.
        var shape = CallShape.Read(Target) with { HasAttemptTimeout = query.Wait <= TimeSpan.Zero };
        return _retrier.RunAsync(shape, (_, token) => FeedGrain.ReadAsync(query, token), cancellationToken);
    }

    /// <summary>
    /// Every event of the tenant's sessions after a cursor, then each as it happens: those of one session by rising position, each once. Goes on
    /// by itself behind the last event when a silo is lost or the cluster does not answer, with the waits of <see cref="RetryOptions"/> and
    /// without an end: only cancellation and the errors below end it.
    /// </summary>
    /// <remarks>
    /// To go on later, keep the <see cref="FeedEvent.Cursor"/> of the last event that was dealt with, and give it then with the same conditions.
    /// It is good for as long as the feed is kept, 30 days by default: whoever may have none for as long keeps those of
    /// <see cref="WatchFeedPagesAsync"/>. Whoever takes the events slowly holds up nobody.
    /// </remarks>
    /// <param name="query">What to tell, from where on, in pages of <see cref="FeedQuery.Limit"/>; its wait does not matter. Null for all from the oldest on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidRequestException">The cursor, the prefix, a label, a kind or the limit is bad.</exception>
    /// <exception cref="OverLimitException">The limit is above the silo's, or a label is longer or there are more of them than can be.</exception>
    /// <exception cref="FeedExpiredException">Events after the cursor are not kept any more: read the sessions as they are, and go on with <see cref="FeedQuery.Latest"/>.</exception>
    /// <exception cref="FeedLostException">The cursor is not of the database as it is now: the same helps.</exception>
    public async IAsyncEnumerable<FeedEvent> WatchFeedAsync(
        FeedQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var page in WatchFeedPagesAsync(query, cancellationToken).WithCancellation(cancellationToken))
        {
            foreach (var happened in page.Items)
            {
                yield return happened;
            }
        }
    }

    /// <summary>
    /// The same as <see cref="WatchFeedAsync"/> in pages, for whoever keeps its cursor while what it wants is rare: a page without events tells how
    /// far it is. One comes when there are events, or at the latest some ten seconds after something else happened; with
    /// <see cref="FeedQuery.Latest"/> the first one comes at once.
    /// </summary>
    /// <remarks>To go on later, keep the <see cref="FeedPage.Next"/> of the last page that was dealt with.</remarks>
    /// <param name="query">What to tell, from where on, in pages of <see cref="FeedQuery.Limit"/>; its wait does not matter. Null for all from the oldest on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidRequestException">The cursor, the prefix, a label, a kind or the limit is bad.</exception>
    /// <exception cref="OverLimitException">The limit is above the silo's, or a label is longer or there are more of them than can be.</exception>
    /// <exception cref="FeedExpiredException">Events after the cursor are not kept any more: read the sessions as they are, and go on with <see cref="FeedQuery.Latest"/>.</exception>
    /// <exception cref="FeedLostException">The cursor is not of the database as it is now: the same helps.</exception>
    public async IAsyncEnumerable<FeedPage> WatchFeedPagesAsync(
        FeedQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // Where now is has to be known before anything is waited for: asked for again after a failure it would be later.
        var next = query ?? new FeedQuery();
        next = next with { Wait = next.After == FeedQuery.Latest ? TimeSpan.Zero : WatchWait };
        await foreach (var page in _retrier.Follower.FollowAsync(PagesAsync, cancellationToken).WithCancellation(cancellationToken))
        {
            var moved = page.Next != next.After;
            next = next with { After = page.Next, Wait = WatchWait };
            if (page.Items.Count > 0 || moved)
            {
                yield return page;
            }
        }

        // What comes next is asked for when what came was taken.
        async IAsyncEnumerable<FeedPage> PagesAsync([EnumeratorCancellation] CancellationToken token)
        {
            while (true)
            {
                var (asked, wait) = (_time.GetTimestamp(), next.Wait);
                var page = await FeedGrain.ReadAsync(next, token);

                // It came long before the wait was over, for as many wait as may, or the silo stops.
                var isEarly = page is { Items.Count: 0, More: false } && _time.GetElapsedTime(asked) < wait / 2;
                yield return page;
                if (isEarly)
                {
                    await Task.Delay(WatchPause, _time, token);
                }
            }
        }
    }
}
