using System.Data.Common;
using Forge.Grains.Tests.Integrity;
using Forge.History.Encryption;
using Forge.History.PostgreSql;
using Forge.History.Stores;
using Forge.History.Writing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Forge.Grains.Tests.PostgreSql;

public class PostgreSqlTamperingTests : StoredTampering
{
    private string? _database;

    /// <summary>How the store encrypts.</summary>
    private protected virtual SealSettings Sealing => SealSettings.None;

    private protected override async Task<IHistoryStore> CreateStoreAsync()
    {
        _database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var store = new PostgreSqlHistoryStore(
            _database, new WriterOptions(), allowUnsafeDurability: false, TimeProvider.System, NullLogger<PostgreSqlHistoryStore>.Instance,
            Sealing);
        await store.StartAsync(Cancel);
        return store;
    }

    private protected override async Task<DbConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync(Cancel);
        return connection;
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        if (_database is not null)
        {
            await PostgreSqlServer.Shared.DropDatabaseAsync(_database);
        }
    }
}
