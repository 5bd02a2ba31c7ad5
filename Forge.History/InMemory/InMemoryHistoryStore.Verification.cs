using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.InMemory;

internal sealed partial class InMemoryHistoryStore
{
    private VerificationRound _verification = new();
    private (string Owner, DateTimeOffset Until)? _verifier;

    public Task<IStoredSession?> OpenStoredAsync(SessionAddress address, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var rows = _history.Rows(address);
        return Task.FromResult<IStoredSession?>(rows.Head is { DeletedAt: null } ? new InMemoryStoredSession(rows) : null);
    }

    public Task<IReadOnlyList<SessionAddress>> ListSessionsAsync(
        TenantId? tenant, SessionAddress? after, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var history = _history;
        return Task.FromResult<IReadOnlyList<SessionAddress>>([.. history.Keys.Keys
            .Where(a => (tenant is null || a.Tenant == tenant) && history.Rows(a).Head is { DeletedAt: null }
                && (after is not { } last || Compare(a, last) > 0))
            .Order(Comparer<SessionAddress>.Create(Compare)).Take(limit)]);
    }

    public Task<VerificationRound?> ClaimVerificationAsync(
        string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            if (_verification.NextAt > now || (_verifier is { } holder && holder.Owner != owner && holder.Until > now))
            {
                return Task.FromResult<VerificationRound?>(null);
            }

            _verifier = (owner, now + lease);
            return Task.FromResult<VerificationRound?>(_verification);
        }
    }

    public Task<bool> SaveVerificationAsync(
        string owner, VerificationRound round, DateTimeOffset? heldUntil, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            if (_verifier?.Owner != owner)
            {
                return Task.FromResult(false);
            }

            (_verification, _verifier) = (round, heldUntil is { } until ? (owner, until) : null);
            return Task.FromResult(true);
        }
    }

    public Task<VerificationRound> ReadVerificationAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            return Task.FromResult(_verification);
        }
    }

    private static int Compare(SessionAddress a, SessionAddress b)
    {
        var byTenant = string.CompareOrdinal(a.Tenant.Value, b.Tenant.Value);
        return byTenant != 0 ? byTenant : string.CompareOrdinal(a.Session.Value, b.Session.Value);
    }
}
