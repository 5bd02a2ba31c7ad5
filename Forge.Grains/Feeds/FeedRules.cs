using Forge.Errors;
using Forge.Feeds;
using Forge.Grains.Catalog;
using Forge.Grains.Rules;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Feeds;

/// <summary>Checks what callers want of a feed, and turns it into what a store reads.</summary>
internal sealed class FeedRules(SessionRules rules, int bytes)
{
    private readonly SearchRules _search = new(rules);

    /// <summary>The filter of a query of a tenant, and its cursors.</summary>
    /// <exception cref="InvalidRequestException">A condition, the limit or the wait is bad.</exception>
    /// <exception cref="OverLimitException">The limit is above the silo's, or a label is longer or there are more of them than can be.</exception>
    public (FeedFilter Filter, FeedCursor Cursors) Check(TenantId tenant, FeedQuery query)
    {
        SearchRules.RequireQuery(query);
        PageRules.Require(query.Limit, rules.Limits.PageItems);
        SearchRules.RequirePrefix("prefix", query.Prefix);
        if (query.Wait < TimeSpan.Zero || query.Wait > FeedQuery.LongestWait)
        {
            throw new InvalidRequestException("wait", $"must be from 0 to {FeedQuery.LongestWait.TotalSeconds} seconds");
        }

        var kinds = (query.Kinds ?? throw new InvalidRequestException("kind", "must be given")).ToHashSet();
        foreach (var kind in kinds)
        {
            if (!Enum.IsDefined(kind))
            {
                throw new InvalidRequestException("kind", "must be a kind of event");
            }
        }

        var filter = new FeedFilter
        {
            Prefix = query.Prefix,
            Labels = _search.CheckLabels(query.Labels),
            Kinds = kinds,
            Limit = query.Limit,
            Bytes = bytes,
        };
        return (filter, new FeedCursor(tenant, filter));
    }
}
