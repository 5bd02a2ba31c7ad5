using System.Data.Common;
using Forge.Grains.Tests.Encryption;
using Forge.History.Encryption;
using Forge.History.PostgreSql;
using Forge.History.Stores;
using Forge.History.Writing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Forge.Grains.Tests.PostgreSql;

public sealed class PostgreSqlSealedHistoryTests : SealedHistory
{
    private string? _database;

    private protected override string Tables => "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";

    private protected override async Task<IHistoryStore> OpenAsync(SealSettings sealing)
    {
        _database ??= await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var store = new PostgreSqlHistoryStore(
            _database, new WriterOptions(), allowUnsafeDurability: false, TimeProvider.System, NullLogger<PostgreSqlHistoryStore>.Instance, sealing);
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
        await base.DisposeAsync();
        if (_database is not null)
        {
            await PostgreSqlServer.Shared.DropDatabaseAsync(_database);
        }
    }
}
