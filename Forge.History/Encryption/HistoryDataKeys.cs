using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;

namespace Forge.History.Encryption;

/// <summary>Keeps the wrapped data keys, each call in one transaction.</summary>
internal sealed class HistoryDataKeys(ISqlDatabase database) : IDataKeys
{
    /// <summary>The schema level that brought sealed rows.</summary>
    private const int Level = 21;

    private static readonly string Columns = HistoryTables.DataKeys.All.Names;

    private readonly SqlInsert<StoredDataKey> _add = database.Dialect.Insert(HistoryTables.DataKeys, "ON CONFLICT (tenant, key_number) DO NOTHING");

    // Binaries of before would show what is sealed as if it were plain.
    private readonly SqlStatement _raise = database.Dialect.Statement("UPDATE schema_level SET oldest_level = @level WHERE oldest_level < @level");

    private readonly SqlStatement _ofTenant = database.Dialect.Statement(
        $"SELECT {Columns} FROM data_keys WHERE tenant = @tenant ORDER BY key_number");

    private readonly SqlStatement _list = database.Dialect.Statement($"""
        SELECT {Columns} FROM data_keys WHERE (tenant, key_number) > (@tenant, @number) ORDER BY tenant, key_number LIMIT @limit
        """);

    private readonly SqlStatement _rewrap = database.Dialect.Statement("""
        UPDATE data_keys SET wrapping_key = @wrapping, wrapped = @wrapped
        WHERE tenant = @tenant AND key_number = @number AND destroyed_at IS NULL
        """);

    private readonly SqlStatement _destroy = database.Dialect.Statement("""
        UPDATE data_keys SET wrapping_key = '', wrapped = @nothing, destroyed_at = @at WHERE tenant = @tenant AND destroyed_at IS NULL
        """);

    private readonly SqlStatement _notePurge = database.Dialect.Statement("""
        INSERT INTO due_work (kind, session_key, due_at) VALUES (@kind, 0, @due)
        ON CONFLICT (kind, session_key) DO UPDATE SET noted = due_work.noted + 1
        """);

    public async Task<IReadOnlyList<StoredDataKey>> OfTenantAsync(string tenant, CancellationToken cancellationToken) =>
        await database.ReadAsync(t => t.ReadAllAsync(_ofTenant, HistoryTables.DataKeys.All.Read, ("tenant", tenant)), cancellationToken);

    public async Task<IReadOnlyList<StoredDataKey>> ListAsync(StoredDataKey? after, int limit, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            t => t.ReadAllAsync(
                _list, HistoryTables.DataKeys.All.Read,
                ("tenant", after?.Tenant ?? ""), ("number", after?.Number ?? 0), ("limit", limit)),
            cancellationToken);

    public Task<bool> AddAsync(StoredDataKey key, CancellationToken cancellationToken) => database.ChangeAsync(
        async t =>
        {
            var isAdded = await t.InsertAsync(_add, 0, [key]) > 0;
            await t.ExecuteAsync(_raise, ("level", Level));
            return isAdded;
        },
        cancellationToken);

    public async Task<bool> RewrapAsync(StoredDataKey key, CancellationToken cancellationToken) =>
        await database.ChangeAsync(
            t => t.ExecuteAsync(
                _rewrap, ("wrapping", key.WrappingKey), ("wrapped", (ReadOnlyMemory<byte>)key.Wrapped), ("tenant", key.Tenant),
                ("number", key.Number)),
            cancellationToken) > 0;

    public Task<int> DestroyAsync(string tenant, DateTimeOffset at, CancellationToken cancellationToken) => database.ChangeAsync(
        async t =>
        {
            var destroyed = await t.ExecuteAsync(_destroy, ("nothing", ReadOnlyMemory<byte>.Empty), ("at", at), ("tenant", tenant));
            if (destroyed > 0)
            {
                await t.ExecuteAsync(_notePurge, ("kind", (short)DueWorkKind.Purge), ("due", DateTimeOffset.UnixEpoch));
            }

            return destroyed;
        },
        cancellationToken);
}
