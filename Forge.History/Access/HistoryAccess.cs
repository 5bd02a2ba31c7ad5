using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;

namespace Forge.History.Access;

/// <summary>Keys and the audit, each call in one transaction.</summary>
internal sealed class HistoryAccess(ISqlDatabase database) : IAccess
{
    /// <summary>Apart from the keys of sessions: who adds a key holds it, so that the limit is one.</summary>
    private const long Adding = -2;

    private static readonly string Columns = HistoryTables.AccessKeys.All.Names;

    private readonly SqlInsert<AccessKey> _add = database.Dialect.Insert(HistoryTables.AccessKeys, "ON CONFLICT (key_id) DO NOTHING");

    private readonly SqlInsert<AuditEntry> _audit = database.Dialect.Insert(HistoryTables.AuditLog);

    private readonly SqlStatement _count = database.Dialect.Statement(
        "SELECT count(*) FROM access_keys WHERE tenant = @tenant AND revoked_at IS NULL AND (ends_at IS NULL OR ends_at > @now)");

    private readonly SqlStatement _find = database.Dialect.Statement($"SELECT {Columns} FROM access_keys WHERE key_id = @id");

    private readonly SqlStatement _findMany = database.Dialect.Statement(
        $"SELECT {Columns} FROM access_keys WHERE {database.Dialect.In("key_id", "@ids")}");

    private readonly SqlStatement _list = database.Dialect.Statement($"""
        SELECT {Columns} FROM access_keys WHERE tenant = @tenant AND (created_at, key_id) > (@at, @id)
        ORDER BY created_at, key_id LIMIT @limit
        """);

    private readonly SqlStatement _revoke = database.Dialect.Statement(
        "UPDATE access_keys SET revoked_at = @at WHERE key_id = @id AND tenant = @tenant AND revoked_at IS NULL");

    // A silo whose clock is behind does not take back what another one noted.
    private readonly SqlStatement _use = database.Dialect.Statement($"""
        UPDATE access_keys SET used_at = @at
        WHERE {database.Dialect.In("key_id", "@ids")} AND (used_at IS NULL OR used_at < @at)
        """);

    private readonly SqlStatement _position = database.Dialect.Statement("""
        INSERT INTO audit_positions (tenant, last_position) VALUES (@tenant, @count)
        ON CONFLICT (tenant) DO UPDATE SET last_position = audit_positions.last_position + excluded.last_position
        RETURNING last_position
        """);

    private readonly SqlStatement _read = database.Dialect.Statement($"""
        SELECT {HistoryTables.AuditLog.All.Names} FROM audit_log WHERE tenant = @tenant AND position > @after ORDER BY position LIMIT @limit
        """);

    private readonly SqlStatement _trimAudit = database.Dialect.Statement("""
        DELETE FROM audit_log WHERE (tenant, position) IN (SELECT tenant, position FROM audit_log WHERE at < @before ORDER BY at LIMIT @limit)
        """);

    private readonly SqlStatement _trimKeys = database.Dialect.Statement("""
        DELETE FROM access_keys WHERE key_id IN (SELECT key_id FROM access_keys WHERE revoked_at < @before OR ends_at < @before LIMIT @limit)
        """);

    public Task<KeyAddition> AddKeyAsync(AccessKey key, int limit, AuditEntry entry, CancellationToken cancellationToken) => database.ChangeAsync(
        async t =>
        {
            await t.HoldAsync(Adding);
            if (await t.ReadOneAsync(_count, row => row.Long(), ("tenant", key.Tenant), ("now", key.CreatedAt)) >= limit)
            {
                return KeyAddition.TooMany;
            }

            if (await t.InsertAsync(_add, 0, [key]) == 0)
            {
                return KeyAddition.IdTaken;
            }

            await AuditAsync(t, [entry]);
            return KeyAddition.Added;
        },
        cancellationToken);

    public Task<AccessKey?> FindKeyAsync(long id, CancellationToken cancellationToken) =>
        database.ReadOneAsync(_find, HistoryTables.AccessKeys.All.Read, cancellationToken, ("id", id));

    public async Task<IReadOnlyList<AccessKey>> FindKeysAsync(long[] ids, CancellationToken cancellationToken) =>
        await database.ReadAsync(t => t.ReadAllAsync(_findMany, HistoryTables.AccessKeys.All.Read, ("ids", ids)), cancellationToken);

    public async Task<IReadOnlyList<AccessKey>> ListKeysAsync(
        string tenant, AccessKey? after, int limit, CancellationToken cancellationToken) => await database.ReadAsync(
        t => t.ReadAllAsync(
            _list,
            HistoryTables.AccessKeys.All.Read,
            ("tenant", tenant),
            ("at", after?.CreatedAt ?? DateTimeOffset.UnixEpoch),
            ("id", after?.Id ?? 0),
            ("limit", limit)),
        cancellationToken);

    public Task<AccessKey?> RevokeKeyAsync(
        string tenant, long id, DateTimeOffset at, AuditEntry entry, CancellationToken cancellationToken) => database.ChangeAsync(
        async t =>
        {
            if (await t.ExecuteAsync(_revoke, ("at", at), ("id", id), ("tenant", tenant)) > 0)
            {
                await AuditAsync(t, [entry]);
            }

            return await t.ReadOneAsync(_find, HistoryTables.AccessKeys.All.Read, ("id", id)) is { } key && key.Tenant == tenant ? key : null;
        },
        cancellationToken);

    public Task NoteUseAsync(long[] ids, DateTimeOffset at, CancellationToken cancellationToken) =>
        database.ChangeAsync(t => t.ExecuteAsync(_use, ("at", at), ("ids", ids)), cancellationToken);

    public Task AuditAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken) => database.ChangeAsync(
        async t =>
        {
            await AuditAsync(t, entries);
            return true;
        },
        cancellationToken);

    public async Task<IReadOnlyList<AuditEntry>> ReadAuditAsync(
        string tenant, long after, int limit, CancellationToken cancellationToken) => await database.ReadAsync(
        t => t.ReadAllAsync(_read, HistoryTables.AuditLog.All.Read, ("tenant", tenant), ("after", after), ("limit", limit)),
        cancellationToken);

    public Task<int> TrimAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) => database.SweepAsync(
        async t => await t.ExecuteAsync(_trimAudit, ("before", before), ("limit", limit))
            + await t.ExecuteAsync(_trimKeys, ("before", before), ("limit", limit)),
        cancellationToken);

    /// <summary>
    /// Adds entries under the next positions of their tenants. The row of a tenant's last position is held until the transaction ends, so that
    /// no reader sees a later one before an earlier; tenants in their order, so that no two wait for one another.
    /// </summary>
    private async ValueTask AuditAsync(SqlTransaction transaction, IReadOnlyList<AuditEntry> entries)
    {
        foreach (var of in entries.GroupBy(entry => entry.Tenant).OrderBy(of => of.Key, StringComparer.Ordinal))
        {
            var added = of.ToList();
            var last = await transaction.ReadOneAsync(_position, row => row.Long(), ("tenant", of.Key), ("count", (long)added.Count));
            await transaction.InsertAsync(_audit, 0, [.. added.Select((entry, i) => entry with { Position = last - added.Count + 1 + i })]);
        }
    }
}
