using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Encryption;

/// <summary>Opens what was sealed of lists across sessions.</summary>
internal sealed class OpenedCatalog(ISessionCatalog inner, Seals seals) : ISessionCatalog
{
    public Task<FoundPage<SessionRow, SessionPlace>> ListSessionsAsync(
        TenantId tenant, SessionFilter filter, CancellationToken cancellationToken) => inner.ListSessionsAsync(tenant, filter, cancellationToken);

    public async Task<FoundPage<CheckpointRow, CheckpointPlace>> ListCheckpointsAsync(
        TenantId tenant, CheckpointFilter filter, CancellationToken cancellationToken)
    {
        var page = await inner.ListCheckpointsAsync(tenant, filter, cancellationToken);
        if (!page.Rows.Any(found => SealedMarks.IsSealed(found.Row)))
        {
            return page;
        }

        var opened = new List<CheckpointRow>(page.Rows.Count);
        foreach (var found in page.Rows)
        {
            opened.Add(SealedMarks.IsSealed(found.Row)
                ? found with
                {
                    Row = await seals.OpenAsync(new SessionAddress(tenant, found.Session), seal => seal.OpenToList(found.Row), cancellationToken),
                }
                : found);
        }

        return page with { Rows = opened };
    }

    public Task<IReadOnlyList<SessionAddress>> ListSessionsAsync(
        TenantId? tenant, SessionAddress? after, int limit, CancellationToken cancellationToken) =>
        inner.ListSessionsAsync(tenant, after, limit, cancellationToken);
}
