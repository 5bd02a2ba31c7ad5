using System.Runtime.CompilerServices;
using Forge.Catalog;
using Forge.Client.Retries;
using Forge.Errors;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Client;

public sealed partial class TenantHandle
{
    private ICatalogGrain Catalog => _grains.GetGrain<ICatalogGrain>(SessionAddress.ToGrainKey(Id));

    /// <summary>What the tenant has in the cluster, and what it may have; counted within the last seconds, or minutes if it has very many sessions.</summary>
    public Task<TenantUsage> GetUsageAsync(CancellationToken cancellationToken = default) =>
        _retrier.RunAsync(CallShape.Read(Target), (_, token) => Catalog.GetUsageAsync(token), cancellationToken);

    /// <summary>A page of the tenant's sessions, in the ordinal order of their names or of their activity.</summary>
    /// <exception cref="InvalidRequestException">The prefix, a label, the limit or the cursor is bad.</exception>
    /// <exception cref="OverLimitException">The limit is above the silo's, or a label is longer or there are more of them than can be.</exception>
    public Task<SessionPage> ListSessionsAsync(SessionQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _retrier.RunAsync(CallShape.Read(Target), (_, token) => Catalog.ListSessionsAsync(query, token), cancellationToken);
    }

    /// <summary>The tenant's sessions, in the ordinal order of their names, page after page.</summary>
    /// <param name="prefix">Only sessions whose names begin so; empty for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidRequestException">The prefix is bad.</exception>
    public IAsyncEnumerable<SessionInfo> ListSessionsAsync(string prefix = "", CancellationToken cancellationToken = default) =>
        SearchSessionsAsync(new SessionQuery { Prefix = prefix }, cancellationToken);

    /// <summary>
    /// The tenant's sessions that meet a query, in its order, page after page of <see cref="SessionQuery.Limit"/> each; every page is of its
    /// own instant. In the order of activity, a session that becomes active meanwhile may come twice or not at all.
    /// </summary>
    /// <param name="query">What to find, from its cursor on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidRequestException">The prefix, a label, the limit or the cursor is bad.</exception>
    /// <exception cref="OverLimitException">The limit is above the silo's, or a label is longer or there are more of them than can be.</exception>
    public async IAsyncEnumerable<SessionInfo> SearchSessionsAsync(
        SessionQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        SessionPage page;
        do
        {
            page = await ListSessionsAsync(query, cancellationToken);
            foreach (var session in page.Items)
            {
                yield return session;
            }

            query = query with { Cursor = page.Next };
        }
        while (page.Next is not null);
    }

    /// <summary>A page of the checkpoints of the tenant's sessions that meet a query, in the order of their times.</summary>
    /// <exception cref="InvalidRequestException">The tag, the prefix, the limit or the cursor is bad.</exception>
    /// <exception cref="OverLimitException">The limit is above the silo's, or the tag is longer than can be.</exception>
    public Task<CheckpointSearchPage> SearchCheckpointsPageAsync(
        CheckpointSearchQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _retrier.RunAsync(CallShape.Read(Target), (_, token) => Catalog.SearchCheckpointsAsync(query, token), cancellationToken);
    }

    /// <summary>
    /// The checkpoints of the tenant's sessions that meet a query, in its order, page after page of
    /// <see cref="CheckpointSearchQuery.Limit"/> each; every page is of its own instant.
    /// </summary>
    /// <param name="query">What to find, from its cursor on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidRequestException">The tag, the prefix, the limit or the cursor is bad.</exception>
    /// <exception cref="OverLimitException">The limit is above the silo's, or the tag is longer than can be.</exception>
    public async IAsyncEnumerable<FoundCheckpoint> SearchCheckpointsAsync(
        CheckpointSearchQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        CheckpointSearchPage page;
        do
        {
            page = await SearchCheckpointsPageAsync(query, cancellationToken);
            foreach (var found in page.Items)
            {
                yield return found;
            }

            query = query with { Cursor = page.Next };
        }
        while (page.Next is not null);
    }
}
