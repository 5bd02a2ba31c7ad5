using Forge.Catalog;
using Forge.Grains.Sessions;
using Forge.Grains.Usage;
using Forge.History.Stores;
using Forge.Identity;
using Orleans.Concurrency;

namespace Forge.Grains.Catalog;

/// <summary>Reads across the sessions of a tenant. Keeps nothing, so each silo has its own and answers for itself.</summary>
[StatelessWorker]
internal sealed class CatalogGrain(SessionServices services, ISessionCatalog catalog, UsageMeters usage) : Grain, ICatalogGrain
{
    private readonly SearchRules _rules = new(services.Rules);

    private TenantId Tenant => SessionAddress.ParseTenantGrainKey(this.GetPrimaryKeyString());

    public async Task<SessionPage> ListSessionsAsync(SessionQuery query, CancellationToken cancellationToken)
    {
        var (filter, cursors) = _rules.Check(query);
        var tenant = Tenant;
        var found = await catalog.ListSessionsAsync(tenant, filter, cancellationToken);
        return new SessionPage(
            [.. found.Rows.Select(row => SessionInfoReader.ToInfo(new SessionAddress(tenant, row.Session), row.Read))],
            found.GoesOnAfter is { } place ? cursors.Make(place) : null);
    }

    public async Task<CheckpointSearchPage> SearchCheckpointsAsync(CheckpointSearchQuery query, CancellationToken cancellationToken)
    {
        var (filter, cursors) = _rules.Check(query);
        var found = await catalog.ListCheckpointsAsync(Tenant, filter, cancellationToken);
        return new CheckpointSearchPage(
            [.. found.Rows.Select(row => new FoundCheckpoint(row.Session, row.Row.ToSummary() with { KeptParent = null }))],
            found.GoesOnAfter is { } place ? cursors.Make(place) : null);
    }

    public async Task<TenantUsage> GetUsageAsync(CancellationToken cancellationToken)
    {
        var (has, countedAt, limits) = await usage.ReadAsync(Tenant, cancellationToken);
        return new TenantUsage(has.Sessions, has.Bytes, countedAt, Bound(limits.Sessions), Bound(limits.StoredBytes));

        static long? Bound(long? limit) => limit is > 0 ? limit : null;
    }
}
