using System.Runtime.CompilerServices;
using Forge.Errors;
using Forge.Feeds;
using Forge.Grains.Streams;
using Forge.Identity;
using Orleans;

namespace Forge.Grains.Feeds;

/// <summary>Feeds for what serves callers in this silo: page after page, and on when a read fails in a way that may pass.</summary>
internal sealed class FeedFollower(IGrainFactory grains, TimeProvider time)
{
    /// <summary>How long it leaves a silo alone that did not let it wait.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The pages of a feed as its query says, and all that follow, until the token or an error ends it. Those that are empty are told if
    /// they moved on, as the first of one that begins now does.
    /// </summary>
    /// <exception cref="FeedExpiredException">Events after the cursor are not kept any more.</exception>
    /// <exception cref="FeedLostException">The cursor is not of the database as it is now.</exception>
    /// <exception cref="InvalidRequestException">The query is bad.</exception>
    /// <exception cref="UnavailableException">It failed 20 times in a row: go on after the last cursor later.</exception>
    public async IAsyncEnumerable<FeedPage> FollowAsync(
        TenantId tenant, FeedQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (grain, failures) = (grains.GetGrain<IFeedGrain>(SessionAddress.ToGrainKey(tenant)), 0);
        while (true)
        {
            // Where now is has to be known before anything is waited for: asked for again after a failure it would be later.
            query = query with { Wait = query.After == FeedQuery.Latest ? TimeSpan.Zero : FeedQuery.LongestWait };
            var (page, asked) = (default(FeedPage), time.GetTimestamp());
            try
            {
                page = await grain.ReadAsync(query, cancellationToken);
            }
            catch (Exception exception) when (FollowRetries.MayPass(exception) && !cancellationToken.IsCancellationRequested)
            {
                if (++failures == FollowRetries.Attempts)
                {
                    throw exception as ForgeException ?? new UnavailableException($"The feed of tenant {tenant} does not answer.", exception);
                }
            }

            if (page is null)
            {
                await Task.Delay(FollowRetries.DelayAfter(failures), time, cancellationToken);
                continue;
            }

            failures = 0;
            var waited = time.GetElapsedTime(asked);
            if (page.Items.Count > 0 || page.Next != query.After)
            {
                yield return page;
            }

            // It came long before the wait was over, for as many wait as may, or the silo stops.
            if (page is { Items.Count: 0, More: false } && waited < query.Wait / 2)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }

            query = query with { After = page.Next };
        }
    }
}
