using Forge.Effects;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Usage;

/// <summary>Counts by what head rows sum up, and by the tables of due work and effects.</summary>
internal sealed class HistoryUsage(ISqlDatabase database) : IUsage
{
    // PostgreSQL sums whole numbers to others of any length.
    private const string Sums =
        "count(*) AS sessions, CAST(coalesce(sum(checkpoint_bytes + coalesce(write_bytes, 0)), 0) AS bigint) AS bytes";

    private readonly SqlStatement _count = database.Dialect.Statement(
        $"SELECT {Sums} FROM sessions WHERE tenant = @tenant AND deleted_at IS NULL");

    private readonly SqlStatement _largest = database.Dialect.Statement(
        $"SELECT tenant, {Sums} FROM sessions WHERE deleted_at IS NULL GROUP BY tenant ORDER BY bytes DESC, tenant LIMIT @limit");

    private readonly SqlStatement _overdue = database.Dialect.Statement(
        "SELECT kind, count(*), min(due_at) FROM due_work WHERE due_at <= @now GROUP BY kind ORDER BY kind");

    // A run whose lease is over is unknown, though its row says that it runs.
    private readonly SqlStatement _effects = database.Dialect.Statement($"""
        SELECT state, CASE WHEN until > @now THEN 1 ELSE 0 END AS holds, count(*) FROM effects GROUP BY state, holds ORDER BY state, holds
        """);

    public async Task<TenantUse> CountAsync(TenantId tenant, CancellationToken cancellationToken) => await database.ReadOneAsync(
        _count, row => new TenantUse(tenant, row.Long(), row.Long()), cancellationToken, ("tenant", tenant.Value));

    public async Task<IReadOnlyList<TenantUse>> ListLargestAsync(int limit, CancellationToken cancellationToken) => await database.ReadAsync(
        t => t.ReadAllAsync(_largest, row => new TenantUse(TenantId.Parse(row.Text()), row.Long(), row.Long()), ("limit", limit)),
        cancellationToken);

    public async Task<IReadOnlyList<OverdueWork>> ListOverdueAsync(DateTimeOffset now, CancellationToken cancellationToken) => await database.ReadAsync(
        t => t.ReadAllAsync(_overdue, row => new OverdueWork((DueWorkKind)row.Short(), row.Long(), row.Time()), ("now", now)),
        cancellationToken);

    public async Task<IReadOnlyList<EffectUse>> CountEffectsAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(
            t => t.ReadAllAsync(_effects, row => new EffectUse(StatusOf((EffectStatus)row.Short(), row.Int() == 1), row.Long()), ("now", now)),
            cancellationToken);
        return [.. rows.GroupBy(row => row.Status, (status, same) => new EffectUse(status, same.Sum(row => row.Count)))];
    }

    private static EffectStatus StatusOf(EffectStatus state, bool holds) =>
        state == EffectStatus.Running && !holds ? EffectStatus.Unknown : state;
}
