using Forge.Catalog;
using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.History.Stores;
using Forge.Identity;
using Orleans.Concurrency;

namespace Forge.Grains.Catalog;

/// <summary>Reads across the sessions of a tenant. Keeps nothing, so each silo has its own and answers for itself.</summary>
[StatelessWorker]
internal sealed class CatalogGrain(SessionServices services, ISessionCatalog catalog) : Grain, ICatalogGrain
{
    public async Task<SessionPage> ListSessionsAsync(SessionQuery query, CancellationToken cancellationToken)
    {
        var tenant = SessionAddress.ParseTenantGrainKey(this.GetPrimaryKeyString());
        var found = await catalog.ListSessionsAsync(tenant, ToFilter(query), cancellationToken);
        var items = found.Take(query.Limit)
            .Select(row => SessionInfoReader.ToInfo(new SessionAddress(tenant, row.Session), row.Read)).ToArray();
        return new SessionPage(items, found.Count > query.Limit ? SessionCursor.Make(items[^1].Session) : null);
    }

    /// <summary>One more than is shown is looked for, to tell whether there is a next page.</summary>
    private SessionFilter ToFilter(SessionQuery query)
    {
        if (query is null)
        {
            throw new InvalidRequestException("query", "must be given");
        }

        if (query.Limit < 1)
        {
            throw new InvalidRequestException("limit", "must be at least 1");
        }

        if (query.Limit > services.Limits.PageItems)
        {
            throw new OverLimitException("limit", services.Limits.PageItems, query.Limit, "items");
        }

        if (query.Prefix is null || query.Prefix.Length > SessionId.MaxLength || query.Prefix.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new InvalidRequestException(
                "prefix", $"must be at most {SessionId.MaxLength} characters of printable ASCII without space");
        }

        return new SessionFilter(query.Prefix, query.Cursor is null ? "" : SessionCursor.Parse(query.Cursor), query.Limit + 1);
    }
}
