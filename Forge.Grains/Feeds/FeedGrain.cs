using Forge.Feeds;
using Forge.Grains.Sessions;
using Forge.History.Stores;
using Forge.Identity;
using Orleans;
using Orleans.Concurrency;

namespace Forge.Grains.Feeds;

/// <summary>Reads the feed of a tenant. Keeps nothing, so each silo has its own and answers for itself.</summary>
[StatelessWorker, Reentrant]
internal sealed class FeedGrain(SessionServices services, IFeed feed, FeedWatches watches, TimeProvider time) : Grain, IFeedGrain
{
    /// <summary>How often a page is read on for conditions that nothing has met so far, before the caller is told how far it went.</summary>
    private const int MostReads = 8;

    private readonly FeedRules _rules = new(services.Rules, services.Streams.BatchBytes);

    public async Task<FeedPage> ReadAsync(FeedQuery query, CancellationToken cancellationToken)
    {
        var (tenant, began) = (SessionAddress.ParseTenantGrainKey(this.GetPrimaryKeyString()), time.GetTimestamp());
        var (filter, cursors) = _rules.Check(tenant, query);
        FeedPlace? place = query.After switch
        {
            null => null,
            FeedQuery.Latest => await feed.NewestAsync(tenant, cancellationToken),
            var cursor => cursors.Parse(cursor),
        };
        while (true)
        {
            var read = await feed.ReadAsync(tenant, filter, place, cancellationToken);
            for (var reads = 1; read.Items.Count == 0 && !read.IsAtEnd && reads < MostReads; reads++)
            {
                read = await feed.ReadAsync(tenant, filter, read.Place, cancellationToken);
            }

            place = read.Place;
            var left = query.Wait - time.GetElapsedTime(began);
            if (read.Items.Count > 0 || !read.IsAtEnd || left <= TimeSpan.Zero
                || !await watches.WaitAsync(tenant, read.Place, left, cancellationToken))
            {
                return new FeedPage(
                    [.. read.Items.Select(item => new FeedEvent(item.Session, item.Event, cursors.Make(item.Place)))],
                    cursors.Make(read.Place),
                    !read.IsAtEnd);
            }
        }
    }
}
